import AuthMessages
import Bytes
import ProtobufCodec
import Synchronization
package import TTRPC

/// Counts the calls of a router's methods by outcome, and how long those that waited took.
package final class CallMetrics: CallObserver {
    /// One method's numbers.
    private final class Method: Sendable {
        let service: String
        let name: String
        /// Without those that were answered at once.
        let answered = Atomic<UInt64>(0)
        let refused = Mutex(Refusal.worthAnAlarm)
        let durations = DurationHistogram()

        init(service: String, name: String) {
            self.service = service
            self.name = name
        }
    }

    private struct Refusal: Hashable, Comparable {
        let code: String
        let reason: String

        /// Present from the start, with 0: if a series began with its first refusal, a
        /// monitoring system would not see that it grew.
        static let worthAnAlarm: [Refusal: UInt64] = [
            Refusal(code: RPCCode.internal.name, reason: ErrorReason.internalFault.rawValue): 0,
            Refusal(
                code: RPCCode.resourceExhausted.name, reason: ErrorReason.overloaded.rawValue): 0,
            Refusal(
                code: RPCCode.unavailable.name, reason: ErrorReason.storeUnavailable.rawValue): 0,
        ]

        static func < (left: Self, right: Self) -> Bool {
            (left.code, left.reason) < (right.code, right.reason)
        }
    }

    /// In the order of `MethodDescriptor.index`.
    private let methods: [Method]

    /// - Parameter services: in the router's order; routers of the same services may share this.
    package init(_ services: [RPCService]) {
        methods = services.flatMap { service in
            service.methods.map { Method(service: service.name, name: $0.name) }
        }
    }

    package func finished(
        _ context: borrowing CallContext, outcome: RPCError?, duration: Duration?
    ) {
        let method = methods[context.descriptor.index]
        if let outcome {
            // At most as many as the proto has codes and reasons: callers can't create more.
            let refusal = Refusal(code: outcome.code.name, reason: CallMetrics.reason(outcome))
            method.refused.withLock { $0[refusal, default: 0] += 1 }
        } else {
            method.answered.add(1, ordering: .relaxed)
        }
        if let duration { method.durations.count(duration) }
    }

    /// Adds each method's answers, its refusals that are worth an alert, and whatever else there
    /// was.
    ///
    /// - Parameters:
    ///   - text: is appended to.
    ///   - answersAtOnce: those that observers are not told about, by `MethodDescriptor.index`.
    package func write(to text: inout MetricsText, answersAtOnce: [UInt64]) {
        text.family(
            "authd_calls_total", .counter, "Calls that ended, by gRPC code and reason of refusal."
        )
        for (method, answersAtOnce) in zip(methods, answersAtOnce) {
            let labels = [("service", method.service), ("method", method.name)]
            let answered = method.answered.load(ordering: .relaxed) + answersAtOnce
            text.sample(
                "authd_calls_total", labels + [("code", "OK"), ("reason", "")], answered)
            let refused = method.refused.withLock { $0 }
            for (refusal, count) in refused.sorted(by: { left, right in left.key < right.key }) {
                text.sample(
                    "authd_calls_total",
                    labels + [("code", refusal.code), ("reason", refusal.reason)], count)
            }
        }
        text.family(
            "authd_call_duration_seconds", .histogram,
            "Time to answer calls that waited for the store, a hash or the audit log.")
        for method in methods {
            let snapshot = method.durations.snapshot
            guard snapshot.count > 0 else { continue }
            text.histogram(
                "authd_call_duration_seconds",
                [("service", method.service), ("method", method.name)], snapshot)
        }
    }

    /// The reason given to the caller, or an empty text.
    private static func reason(_ error: RPCError) -> String {
        guard let detail = error.details.first, detail.typeURL == ErrorInfo.typeURL,
            let info = try? ErrorInfo(decoding: SecretBytes(detail.value))
        else { return "" }
        return info.reason
    }
}
