import AuthCore
import AuthMessages
import Synchronization
import TTRPC
import Testing

@testable import AuthService

/// How much of the audit log a caller takes who is refused.
struct RefusalLogTests {
    /// A log with a clock and a timer that tests move.
    private final class Fixture: Sendable {
        let audit = AuditList()
        let log: RefusalLog
        private let clock: Clock

        final class Clock: Sendable {
            typealias Work = @Sendable () -> Void

            private struct State {
                var now = ContinuousClock.now
                var due: [(ContinuousClock.Instant, Work)] = []
            }

            private let state = Mutex(State())

            var now: ContinuousClock.Instant { state.withLock { $0.now } }
            var timerCount: Int { state.withLock { $0.due.count } }

            func set(_ moment: ContinuousClock.Instant, _ work: @escaping Work) {
                state.withLock { $0.due.append((moment, work)) }
            }

            /// Moves on; timers fire when `firing` says so.
            func advance(_ duration: Duration, firing: Bool) {
                let works = state.withLock { state -> [Work] in
                    state.now += duration
                    guard firing else { return [] }
                    let now = state.now
                    defer { state.due.removeAll { $0.0 <= now } }
                    return state.due.filter { $0.0 <= now }.map(\.1)
                }
                for work in works { work() }
            }
        }

        init() {
            let clock = Clock()
            self.clock = clock
            log = RefusalLog(audit, now: { clock.now }, timer: { clock.set($0, $1) })
        }

        var timerCount: Int { clock.timerCount }

        func wait(_ duration: Duration, firing: Bool = true) {
            clock.advance(duration, firing: firing)
        }

        func refuse(_ peer: PeerIdentity, _ method: String = "Login", times: Int = 1) {
            for _ in 0..<times {
                log.record(
                    AuditEvent(
                        service: ServiceNames.auth, method: method, refusal: .callerNotAllowed,
                        subject: AuditSubject(), peer: peer, clientAddress: nil, traceParent: nil))
            }
        }

        var counts: [Int] { audit.events.compactMap(\.leftOut) }
    }

    private static func user(_ uid: UInt32, pid: Int32 = 7) -> PeerIdentity {
        .unix(uid: uid, gid: 1, pid: pid)
    }

    @Test
    func `Ten refusals in a second are logged singly, and the rest as one line with a count`() {
        let fixture = Fixture()
        let caller = RefusalLogTests.user(33)
        fixture.refuse(caller, times: 10)
        #expect(fixture.audit.events.count == 10)
        #expect(fixture.timerCount == 0)
        // Another process of the same user is the same caller.
        fixture.refuse(RefusalLogTests.user(33, pid: 8), "Refresh", times: 5000)
        #expect(fixture.audit.events.count == 10)
        #expect(fixture.timerCount == 1)
        fixture.wait(.milliseconds(999))
        #expect(fixture.audit.events.count == 10)
        fixture.wait(.milliseconds(1))
        #expect(fixture.audit.events.count == 11)
        #expect(fixture.counts == [5000])
        #expect(fixture.audit.events.last?.method == "Refresh")
        #expect(fixture.audit.events.last?.peer == RefusalLogTests.user(33, pid: 8))
        // The next second is like the first.
        fixture.refuse(caller, times: 11)
        #expect(fixture.audit.events.count == 21)
        fixture.wait(.seconds(1))
        #expect(fixture.counts == [5000, 1])
        #expect(fixture.timerCount == 0)
    }

    @Test
    func `A flood of refusals of one caller does not suppress the lines of another`() {
        let fixture = Fixture()
        fixture.refuse(RefusalLogTests.user(33), times: 100_000)
        fixture.refuse(RefusalLogTests.user(34), times: 3)
        let others = fixture.audit.events.filter { $0.peer == RefusalLogTests.user(34) }
        #expect(others.count == 3)
        #expect(fixture.audit.events.count == 13)
    }

    @Test
    func `Suppressed refusals are counted with the next refusal or on flush, at the latest`() {
        let fixture = Fixture()
        fixture.refuse(RefusalLogTests.user(33), times: 12)
        fixture.wait(.seconds(5), firing: false)
        fixture.refuse(RefusalLogTests.user(33), times: 1)
        #expect(fixture.audit.events.map(\.leftOut).suffix(2) == [2, nil])
        fixture.refuse(RefusalLogTests.user(33), times: 13)
        fixture.log.flush()
        #expect(fixture.counts == [2, 4])
        fixture.log.flush()
        fixture.wait(.seconds(5))
        #expect(fixture.counts == [2, 4])
    }

    @Test
    func `Refusals of any number of callers take bounded memory and lines, and all are counted`() {
        let fixture = Fixture()
        for uid in 0..<20_000 { fixture.refuse(RefusalLogTests.user(UInt32(uid))) }
        #expect(fixture.log.callerCount <= 65)
        // Not one is lost without being counted.
        #expect(fixture.audit.events.count < 100)
        fixture.wait(.seconds(1))
        let single = fixture.audit.events.filter { $0.leftOut == nil }.count
        #expect(single + fixture.counts.reduce(0, +) == 20_000)
        // Whoever comes in the next second finds room again.
        fixture.refuse(RefusalLogTests.user(77), times: 10)
        #expect(fixture.audit.events.suffix(10).allSatisfy { $0.leftOut == nil })
        #expect(fixture.log.callerCount == 1)
    }

    @Test
    func `Callers with certificates are logged separately, and those without share one limit`() {
        let fixture = Fixture()
        for name in ["a", "b"] {
            let peer = PeerIdentity.tls(
                address: "10.0.0.1:5",
                certificate: PeerCertificate(fingerprint: name, names: ["cn:same"]))
            fixture.refuse(peer, times: 20)
        }
        #expect(fixture.audit.events.count == 20)
        for port in 0..<30 { fixture.refuse(.tcp(address: "10.0.0.1:\(port)")) }
        #expect(fixture.audit.events.count == 30)
    }
}
