import Bytes
import DispatchBridge
import TTRPC

/// A call that waits for its answer.
///
/// `@unchecked Sendable`: what can change is touched on the connection's loop only.
final class PendingCall: @unchecked Sendable {
    let service: String
    let method: String
    let payload: SecretBytes
    let metadata: [MetadataPair]
    let deadline: ContinuousClock.Instant?
    let result = Promise<Result<SecretBytes, RPCClientError>>()

    var streamID: UInt32 = 0
    /// Where its frame ends in all that the connection ever sends.
    var frameEnd: UInt64 = 0
    var timer: TimerToken?

    init(
        service: String, method: String, payload: SecretBytes, metadata: [MetadataPair],
        deadline: ContinuousClock.Instant?
    ) {
        self.service = service
        self.method = method
        self.payload = payload
        self.metadata = metadata
        self.deadline = deadline
    }
}
