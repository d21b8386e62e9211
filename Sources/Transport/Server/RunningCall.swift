import DispatchBridge
import TTRPC

/// A call that could not be answered in place.
///
/// A class: what becomes known after its start is recorded without looking up the call again. It is
/// used only on its connection's loop.
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
