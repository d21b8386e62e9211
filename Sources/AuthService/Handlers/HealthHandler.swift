import AuthCore
import AuthMessages
import Bytes
import Clocks
import ProtobufCodec
import Synchronization
import TTRPC

/// `grpc.health.v1.Health.Check`: SERVING only when the store answers.
///
/// An answer from the store is valid for `freshness`; within it, checks cost nothing.
struct HealthHandler: Sendable {
    /// The names that may be requested.
    private static let services = [
        "", ServiceNames.auth, ServiceNames.admin, ServiceNames.health,
    ]

    /// A probe that comes every few seconds always asks the store; a flood of them does not.
    /// In nanoseconds.
    private static let freshness: UInt64 = 1_000_000_000

    let authenticator: Authenticator
    private let last = LastAnswer()

    init(authenticator: Authenticator) {
        self.authenticator = authenticator
    }

    /// The method for the router.
    var method: RPCMethod {
        RPCMethod("Check") { call, payload throws(RPCError) in
            try answerInPlace(payload, at: call.startedAt)
        } suspending: { _, payload throws(RPCError) in
            try check(payload)
            let isServing = await askStore()
            return last.set(isServing)
        }
    }

    private func answerInPlace(
        _ payload: UnsafeRawBufferPointer, at moment: BootTime
    ) throws(RPCError) -> RPCMethod.InPlaceOutcome {
        if !payload.isEmpty { try check(SecretBytes(copying: payload)) }
        return last.get(at: moment, within: HealthHandler.freshness).map { .answered($0) }
            ?? .suspends
    }

    private func check(_ payload: SecretBytes) throws(RPCError) {
        let request = try HealthCheckRequest(request: payload)
        // By bytes: comparing text takes long where it has many combining marks.
        let isKnown = HealthHandler.services.contains {
            $0.utf8.elementsEqual(request.service.utf8)
        }
        guard isKnown else {
            throw RPCError(
                .notFound, "there is no such service",
                details: StatusDetail.explaining(.serviceUnknown))
        }
    }

    private func askStore() async -> Bool {
        do {
            try await authenticator.checkHealth()
            return true
        } catch {
            return false
        }
    }

    /// The last answer, encoded once.
    private final class LastAnswer: Sendable {
        private struct Answer {
            var at: BootTime
            var encoded: SecretBytes
        }

        private let answer = Mutex<Answer?>(nil)
        private let serving = LastAnswer.encoded(1)
        private let notServing = LastAnswer.encoded(2)

        func get(
            at moment: BootTime, within freshness: UInt64
        ) -> SecretBytes? {
            answer.withLock { answer in
                guard let answer, moment.nanoseconds(since: answer.at) < freshness else {
                    return nil
                }
                return answer.encoded
            }
        }

        func set(_ isServing: Bool) -> SecretBytes {
            let encoded = isServing ? serving : notServing
            answer.withLock { $0 = Answer(at: .now, encoded: encoded) }
            return encoded
        }

        private static func encoded(_ status: UInt32) -> SecretBytes {
            var response = HealthCheckResponse()
            response.status = status
            return (try? response.encoded()) ?? SecretBytes()
        }
    }
}
