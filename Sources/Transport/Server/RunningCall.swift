import DispatchBridge
import TTRPC

/// A call that could not be answered in place.
struct RunningCall {
    let context: CallContext
    /// nil until the task's first suspension.
    var task: Task<Void, Never>?
    /// Fires at the caller's deadline.
    var timer: TimerToken?
}
