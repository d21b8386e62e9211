/// Receives a descriptor's events. All calls are made on the loop.
package protocol EventHandler: AnyObject {
    /// The descriptor is ready for `events`. Level-triggered: what is left undone is reported
    /// again.
    func ready(_ events: IOEvents)

    /// The turn in which `EventLoop.notifyAtEndOfTurn(_:)` was called has ended: time to flush.
    func turnEnded()
}
