import Bytes
import DispatchBridge
import TTRPC

/// A call waiting for its answer.
///
/// `@unchecked Sendable`: mutable state is only touched on the connection's loop.
final class PendingCall: @unchecked Sendable {
    let service: String
    let method: String
    let payload: SecretBytes
    let metadata: [MetadataPair]
    let deadline: ContinuousClock.Instant?
    let result = Promise<Result<SecretBytes, RPCClientError>>()

    var streamID: UInt32 = 0
    /// Where its frame ends in everything that the connection sends.
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
