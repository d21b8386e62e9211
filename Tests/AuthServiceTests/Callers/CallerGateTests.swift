import AuthMessages
import AuthService
import Bytes
import ProtobufCodec
import Synchronization
import TTRPC
import Testing

/// Who may call what, and how often.
struct CallerGateTests {
    private static let web = PeerIdentity.unix(uid: 33, gid: 33, pid: 7)
    private static let root = PeerIdentity.unix(uid: 0, gid: 0, pid: 8)
    private static let stranger = PeerIdentity.unix(uid: 4242, gid: 4242, pid: 9)
    private static let operators = PeerIdentity.tls(
        address: "10.0.0.1:5",
        certificate: PeerCertificate(fingerprint: "ab", names: ["cn:x", "dns:ops.internal"]))

    private static let policy = CallerPolicy([
        CallerRule("root", [.user(0)], adminMethods: .all, believesClientAddress: true),
        CallerRule("web", [.user(33)], methods: .only(["Login", "VerifyToken"])),
        CallerRule(
            "support", [.certificate("dns:ops.internal")], methods: .only([]),
            adminMethods: .only(["GetUser"])),
        CallerRule("staff", [.group(50)], rate: .init(callsPerSecond: 2, burst: 3)),
    ])

    /// A gate with a clock that tests move, at one door.
    private final class Fixture: Sendable {
        let gate: CallerGate
        let audit = AuditList()
        private let router: Router
        private let clock = SharedInstant(.now)
        /// One for each peer: what is remembered of a connection must never decide otherwise.
        private let connections = Mutex<[String: ConnectionInfo]>([:])
        private let methods = Mutex<[String: Int]>([:])

        init(
            _ policy: CallerPolicy = CallerGateTests.policy,
            at door: CallerGate.Door = .callers(servesAdministrators: true)
        ) {
            gate = CallerGate(policy: policy, now: { [clock] in clock.value })
            router = Router(
                services: [],
                interceptors: [CallerDoor(gate, at: door, refusals: RefusalLog(audit))])
        }

        func wait(_ duration: Duration) { clock.advance(duration) }

        /// Why a call is refused, or nil.
        func refusal(
            _ peer: PeerIdentity, _ method: String, of service: String = ServiceNames.auth
        ) throws -> (code: RPCCode, reason: String, message: String, retry: Duration?)? {
            let index = methods.withLock { methods in
                let next = methods.count
                return methods["\(service)/\(method)", default: next]
            }
            methods.withLock { $0["\(service)/\(method)"] = index }
            let connection = connections.withLock { connections in
                let next = ConnectionInfo(id: UInt64(connections.count) + 1, peer: peer)
                let connection = connections["\(peer)", default: next]
                connections["\(peer)"] = connection
                return connection
            }
            let context = CallContext(
                descriptor: MethodDescriptor(service: service, method: method, index: index),
                connection: connection)
            do throws(RPCError) {
                try router.admit(context)
                return nil
            } catch {
                let info = try #require(error.details.first { $0.typeURL == ErrorInfo.typeURL })
                let retry = try error.details.first { $0.typeURL == RetryInfo.typeURL }
                    .map { try RetryInfo(decoding: SecretBytes($0.value)) }
                return (
                    error.code, try ErrorInfo(decoding: SecretBytes(info.value)).reason,
                    error.message, retry?.retryDelay?.duration
                )
            }
        }
    }

    @Test
    func `An unlisted caller may call nothing and is told how to be allowed`() throws {
        let fixture = Fixture()
        for (service, method) in [
            (ServiceNames.auth, "Login"), (ServiceNames.health, "Check"),
            (ServiceNames.admin, "GetUser"),
        ] {
            let refusal = try #require(
                try fixture.refusal(CallerGateTests.stranger, method, of: service))
            #expect(refusal.code == .permissionDenied)
            #expect(refusal.reason == "CALLER_NOT_ALLOWED")
            #expect(refusal.message.contains("uid 4242"))
            #expect(refusal.message.contains("AUTHD_CALLERS_FILE"))
        }
        #expect(fixture.audit.events.count == 3)
        #expect(fixture.audit.events.allSatisfy { $0.refusal == .callerNotAllowed })
        #expect(fixture.audit.events.allSatisfy { $0.peer == CallerGateTests.stranger })
    }

    @Test
    func `A caller may call the RPCs of its rule and no others`() throws {
        let fixture = Fixture()
        #expect(try fixture.refusal(CallerGateTests.web, "Login") == nil)
        #expect(try fixture.refusal(CallerGateTests.web, "Check", of: ServiceNames.health) == nil)
        let refusal = try #require(try fixture.refusal(CallerGateTests.web, "DeleteUser"))
        #expect(refusal.code == .permissionDenied)
        #expect(refusal.reason == "CALLER_NOT_ALLOWED")
        #expect(refusal.message.contains("methods of web"))
        #expect(fixture.audit.events.count == 1)
    }

    @Test
    func `AdminService and unknown services require an administrator`() throws {
        let fixture = Fixture()
        for service in [ServiceNames.admin, "authd.v2.Something"] {
            let refusal = try #require(
                try fixture.refusal(CallerGateTests.web, "GetUser", of: service))
            #expect(refusal.code == .permissionDenied)
            #expect(refusal.reason == "ADMIN_REQUIRED")
            #expect(try fixture.refusal(CallerGateTests.root, "GetUser", of: service) == nil)
        }
        // AuthService has a DeleteUser, too: the short name alone opens nothing.
        #expect(
            try fixture.refusal(CallerGateTests.web, "Login", of: ServiceNames.admin)?.reason
                == "ADMIN_REQUIRED")
    }

    @Test
    func `No RPC of the AdminService is open to a caller who is no administrator`() throws {
        let fixture = Fixture()
        let others = [
            CallerGateTests.web, CallerGateTests.stranger, .unix(uid: 1, gid: 50, pid: 1),
            .unix(uid: 1, gid: 0, pid: 1), .tcp(address: "127.0.0.1:1"),
            .tls(address: "127.0.0.1:1", certificate: nil),
        ]
        for method in ServiceMethods.admin {
            for peer in others {
                // The staff's rate is not what this is about.
                fixture.wait(.seconds(1))
                let refusal = try #require(
                    try fixture.refusal(peer, method, of: ServiceNames.admin))
                #expect(refusal.code == .permissionDenied)
                #expect(
                    ["ADMIN_REQUIRED", "CALLER_NOT_ALLOWED"].contains(refusal.reason),
                    "\(method), \(peer)")
            }
        }
    }

    @Test
    func `An administrator may call only the admin RPCs of its rule`() throws {
        let fixture = Fixture()
        let peer = CallerGateTests.operators
        #expect(try fixture.refusal(peer, "GetUser", of: ServiceNames.admin) == nil)
        #expect(
            try fixture.refusal(peer, "DeleteUser", of: ServiceNames.admin)?.reason
                == "ADMIN_REQUIRED")
        #expect(try fixture.refusal(peer, "Login")?.reason == "CALLER_NOT_ALLOWED")
    }

    @Test
    func `A certificate name matches only together with its kind`() throws {
        let fixture = Fixture()
        for names in [["cn:dns:ops.internal"], ["uri:dns:ops.internal"], ["cn:ops.internal"], []] {
            let peer = PeerIdentity.tls(
                address: "10.0.0.1:5",
                certificate: PeerCertificate(fingerprint: "cd", names: names))
            #expect(
                try fixture.refusal(peer, "GetUser", of: ServiceNames.admin)?.reason
                    == "CALLER_NOT_ALLOWED")
        }
        #expect(
            try fixture.refusal(.tls(address: "10.0.0.1:5", certificate: nil), "Login") != nil)
        #expect(try fixture.refusal(.tcp(address: "127.0.0.1:5"), "Login") != nil)
    }

    @Test
    func `With an admin socket the admin RPCs are served only there, and only to administrators`()
        throws
    {
        let publicDoor = Fixture(at: .callers(servesAdministrators: false))
        let refusal = try #require(
            try publicDoor.refusal(CallerGateTests.root, "GetUser", of: ServiceNames.admin))
        #expect(refusal.reason == "ADMIN_REQUIRED")
        #expect(refusal.message.contains("AUTHD_ADMIN_LISTEN"))
        let own = Fixture(at: .administrators)
        #expect(try own.refusal(CallerGateTests.root, "GetUser", of: ServiceNames.admin) == nil)
        #expect(try own.refusal(CallerGateTests.web, "Login")?.reason == "ADMIN_REQUIRED")
    }

    @Test
    func `A rate limit admits a burst and then refills, separately for each user`() throws {
        let fixture = Fixture()
        let first = PeerIdentity.unix(uid: 1001, gid: 50, pid: 1)
        let second = PeerIdentity.unix(uid: 1002, gid: 50, pid: 2)
        for _ in 0..<3 { #expect(try fixture.refusal(first, "Login") == nil) }
        let refusal = try #require(try fixture.refusal(first, "Login"))
        #expect(refusal.code == .resourceExhausted)
        #expect(refusal.reason == "THROTTLED")
        #expect(refusal.retry == .milliseconds(500))
        #expect(try fixture.refusal(second, "Login") == nil)
        fixture.wait(.milliseconds(499))
        #expect(try fixture.refusal(first, "Login") != nil)
        fixture.wait(.milliseconds(1))
        #expect(try fixture.refusal(first, "Login") == nil)
        #expect(try fixture.refusal(first, "Login") != nil)
        // A pause longer than the burst takes gives no more than the burst.
        fixture.wait(.seconds(3600))
        for _ in 0..<3 { #expect(try fixture.refusal(first, "Login") == nil) }
        #expect(try fixture.refusal(first, "Login") != nil)
    }

    @Test
    func `Refused calls count against the rate limit, and many users take bounded memory`() throws {
        let policy = CallerPolicy([
            CallerRule(
                "all", [.anyUser], methods: .only(["Login"]),
                rate: .init(callsPerSecond: 0.001, burst: 1))
        ])
        let fixture = Fixture(policy)
        let one = PeerIdentity.unix(uid: 1, gid: 1, pid: 1)
        #expect(try fixture.refusal(one, "Register")?.reason == "CALLER_NOT_ALLOWED")
        #expect(try fixture.refusal(one, "Login")?.reason == "THROTTLED")
        for uid in 2..<5000 {
            _ = try fixture.refusal(.unix(uid: UInt32(uid), gid: 1, pid: 1), "Login")
        }
        #expect(fixture.gate.bucketCount <= 4097)
        // Whoever comes now shares a bucket, which is empty.
        #expect(
            try fixture.refusal(.unix(uid: 9999, gid: 1, pid: 1), "Login")?.reason == "THROTTLED")
        fixture.wait(.seconds(1000))
        #expect(try fixture.refusal(.unix(uid: 9998, gid: 1, pid: 1), "Login") == nil)
        #expect(fixture.gate.bucketCount < 10)
    }

    @Test
    func `Admission of one method on a connection does not admit others`() throws {
        let fixture = Fixture()
        for _ in 0..<2 {
            #expect(try fixture.refusal(CallerGateTests.web, "Login") == nil)
            #expect(try fixture.refusal(CallerGateTests.web, "Register") != nil)
            #expect(try fixture.refusal(CallerGateTests.web, "VerifyToken") == nil)
        }
    }

    @Test
    func `Methods beyond the 64 that a connection caches are decided correctly each time`() throws {
        let fixture = Fixture()
        for round in 0..<2 {
            for number in 0..<70 {
                #expect(
                    try fixture.refusal(
                        CallerGateTests.root, "M\(number)", of: ServiceNames.admin) == nil,
                    "round \(round)")
            }
        }
        fixture.gate.replace(CallerPolicy([]))
        for number in 0..<70 {
            #expect(
                try fixture.refusal(CallerGateTests.root, "M\(number)", of: ServiceNames.admin)
                    != nil)
        }
    }

    @Test
    func `A new policy applies at once, also to open connections`() throws {
        let fixture = Fixture()
        for _ in 0..<2 { #expect(try fixture.refusal(CallerGateTests.root, "Login") == nil) }
        #expect(fixture.gate.believesClientAddress(CallerGateTests.root))
        #expect(!fixture.gate.believesClientAddress(CallerGateTests.web))
        fixture.gate.replace(CallerPolicy([]))
        #expect(try fixture.refusal(CallerGateTests.root, "Login") != nil)
        #expect(!fixture.gate.believesClientAddress(CallerGateTests.root))
        #expect(!fixture.gate.isAdministrator(CallerGateTests.root))
    }
}

/// A moment that tests move.
private final class SharedInstant: Sendable {
    private let moment: Mutex<ContinuousClock.Instant>

    init(_ moment: ContinuousClock.Instant) { self.moment = Mutex(moment) }

    var value: ContinuousClock.Instant { moment.withLock { $0 } }

    func advance(_ duration: Duration) { moment.withLock { $0 += duration } }
}
