/// Who is told of a descriptor's events. All calls come on the loop.
package protocol EventHandler: AnyObject {
    /// The descriptor is ready for `events`. Level-triggered: what is left undone is reported again.
    func ready(_ events: IOEvents)

    /// The turn in which `EventLoop.notifyAtEndOfTurn(_:)` was called is over: time to flush.
    func turnEnded()
}
