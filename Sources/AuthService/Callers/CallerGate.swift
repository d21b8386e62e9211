import Synchronization
package import TTRPC

/// Holds the current policy and decides, for every call and before any work, whether it may pass.
///
/// What is not allowed is refused: a service that the gate does not know is only for
/// administrators.
package final class CallerGate: Sendable {
    /// Where a call came in.
    package enum Door: Sendable {
        /// A socket for services, with the administrators' RPCs if there is no socket of their own.
        case callers(servesAdministrators: Bool)
        /// The administrators' socket: nobody else may call anything there.
        case administrators
    }

    /// The decision about a call.
    enum Verdict {
        case refused(CallerRefusal)
        /// Only this once, because the caller's rate is counted.
        case admitted(Admission)
    }

    private struct State {
        var policy: CallerPolicy
        var buckets = CallBuckets()
    }

    private let state: Mutex<State>
    private let number = Atomic<UInt64>(1)
    private let now: @Sendable () -> ContinuousClock.Instant

    /// - Parameters:
    ///   - policy: in effect until `replace(_:)`.
    ///   - now: for the rates.
    package init(
        policy: CallerPolicy, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        state = Mutex(State(policy: policy))
        self.now = now
    }

    /// Puts another policy into effect, for calls from now on. Rates start over.
    package func replace(_ policy: CallerPolicy) {
        state.withLock { state in
            state = State(policy: policy)
            number.add(1, ordering: .releasing)
        }
    }

    /// Counts the policies that have been in effect, from 1.
    var policyNumber: UInt64 { number.load(ordering: .acquiring) }

    /// Whether this peer's `x-client-address` is trusted.
    package func believesClientAddress(_ peer: PeerIdentity) -> Bool {
        state.withLock { $0.policy.rule(for: peer)?.rule.believesClientAddress ?? false }
    }

    /// Whether the peer is an administrator, even if only of some RPCs.
    package func isAdministrator(_ peer: PeerIdentity) -> Bool {
        state.withLock { $0.policy.rule(for: peer)?.rule.isAdministrator ?? false }
    }

    /// How many users and certificates have their calls counted now; for tests of the limit.
    package var bucketCount: Int { state.withLock { $0.buckets.count } }

    /// Whether a call may pass. Counts it against the caller's rate in either case.
    func verdict(
        on method: String, service: String, peer: PeerIdentity, door: Door
    ) -> Verdict {
        state.withLock { state in
            guard let (place, rule) = state.policy.rule(for: peer) else {
                return .refused(.notListed)
            }
            if let rate = rule.rate,
                let delay = state.buckets.take(
                    peer, place: place, rate: rate, rules: state.policy.rules, now: now())
            {
                return .refused(.tooManyCalls(rule: rule.name, retryAfter: delay))
            }
            if let refusal = CallerGate.refusal(of: method, service: service, rule, door) {
                return .refused(refusal)
            }
            return .admitted(rule.rate == nil ? .always : .once)
        }
    }

    private static func refusal(
        of method: String, service: String, _ rule: CallerRule, _ door: Door
    ) -> CallerRefusal? {
        if case .administrators = door, !rule.isAdministrator {
            return .notAdministrator(method: method)
        }
        switch service {
        case ServiceNames.health: return nil
        case ServiceNames.auth:
            return rule.methods.contains(method)
                ? nil : .methodNotAllowed(rule: rule.name, method: method)
        default:
            guard rule.adminMethods.contains(method) else {
                return .notAdministrator(method: method)
            }
            if case .callers(servesAdministrators: false) = door {
                return .onlyAtAdminSocket(method: method)
            }
            return nil
        }
    }
}
