/// One timer of an `EventLoop`, for cancelling it. Belongs to the loop that made it.
package final class TimerToken {
    /// CLOCK_BOOTTIME, nanoseconds.
    let deadline: UInt64
    /// Emptied when the timer has fired or was cancelled, so that nothing is kept alive by it.
    var action: (() -> Void)?
    /// Where it is in the heap; -1 if it is not in it.
    var heapIndex = -1

    init(deadline: UInt64, action: @escaping () -> Void) {
        self.deadline = deadline
        self.action = action
    }
}
