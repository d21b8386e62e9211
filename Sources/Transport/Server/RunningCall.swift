import DispatchBridge
import TTRPC

/// A call that could not be answered in place.
///
/// A class: what is found out after it has begun is noted without looking the call up again. It is
/// used on its connection's loop only.
final class RunningCall {
    let context: CallContext
    /// nil until the task's first suspension.
    var task: Task<Void, Never>?
    /// Fires at the caller's deadline.
    var timer: TimerToken?

    init(context: CallContext) {
        self.context = context
    }
}
