import Bytes
import Synchronization
import Testing

@testable import TTRPC

struct RouterTests {
    private func method(_ name: String) -> RPCMethod {
        RPCMethod(name) { (_, payload) async throws(RPCError) in payload }
    }

    private func router(
        _ interceptors: [any ServerInterceptor & CallObserver] = []
    ) -> Router {
        Router(
            services: [
                RPCService(name: "a.B", methods: (0..<40).map { method("M\($0)") }),
                RPCService(name: "a.C", methods: [method("M1")]),
                RPCService(name: "a", methods: [method("BM1"), method("")]),
            ], interceptors: interceptors, observers: interceptors)
    }

    private func find(_ router: Router, _ service: String, _ method: String) -> String? {
        Array(service.utf8).withUnsafeBytes { service in
            Array(method.utf8).withUnsafeBytes { method in
                router.route(service: service, method: method)
                    .map { $0.descriptor.service + "/" + $0.descriptor.method }
            }
        }
    }

    private func refusal(_ service: [UInt8], _ method: [UInt8]) throws -> RPCRefusal {
        let bytes = [0x0a, UInt8(service.count)] + service + [0x12, UInt8(method.count)] + method
        return try bytes.withUnsafeBytes { bytes in
            router().refusal(of: try RequestEnvelope(decoding: bytes))
        }
    }

    @Test
    func `Each method is found only under its exact service and method name`() {
        let router = router()
        for index in 0..<40 {
            #expect(find(router, "a.B", "M\(index)") == "a.B/M\(index)")
        }
        #expect(find(router, "a.C", "M1") == "a.C/M1")
        #expect(find(router, "a", "BM1") == "a/BM1")
        #expect(find(router, "a", "") == "a/")
        for (service, method) in [
            ("a.B", "M40"), ("a.C", "M2"), ("", ""), ("a.B", ""), ("a.b", "M1"), ("a.B", "m1"),
            ("a.BM", "1"), ("a.B\0", "M1"), ("", "a.BM1"),
        ] {
            #expect(find(router, service, method) == nil)
        }
    }

    /// As text, comparing or hashing this takes seconds: the marks are sorted, by insertion.
    @Test
    func `A name that is a long run of combining marks is refused at once`() throws {
        let marks = Array(String(repeating: "\u{301}\u{316}", count: 60_000).utf8)
        let length: [UInt8] = [0x80, 0xd3, 0x0e]
        try #require(marks.count == 0xe << 14 | 0x53 << 7)
        let names: [[UInt8]] = [
            [0x0a] + length + marks, [0x0a, 3] + Array("a.B".utf8) + [0x12] + length + marks,
        ]
        for bytes in names {
            let start = ContinuousClock.now
            let refusal = try bytes.withUnsafeBytes { bytes in
                router().refusal(of: try RequestEnvelope(decoding: bytes))
            }
            #expect(ContinuousClock.now - start < .seconds(1))
            #expect(refusal.code == .unimplemented)
        }
    }

    @Test
    func `An unknown name is refused by its name`() throws {
        #expect(
            try refusal(Array("x.Y".utf8), Array("M".utf8))
                == .unknownService("\"x.Y\""))
        #expect(
            try refusal(Array("a.B".utf8), Array("No".utf8))
                == .unknownMethod("\"No\"", service: "a.B"))
    }

    @Test
    func `A refusal shortens long names and replaces control characters`() throws {
        let long = try refusal(Array(repeating: UInt8(ascii: "x"), count: 120), [])
        #expect(long.message.utf8.count < 130)
        let rude = try refusal(Array("\u{1b}[2J\n".utf8), [])
        #expect(rude.message == "unknown service \"?[2J?\"")
        #expect(try refusal([0xff], []).code == .invalidArgument)
    }

    /// Says what it is told to, and counts how often it is asked.
    private final class Guard: ServerInterceptor {
        let standing: Mutex<UInt64?>
        let admission: Admission
        let askedCount = Mutex(0)

        init(rules: UInt64?, _ admission: Admission) {
            standing = Mutex(rules)
            self.admission = admission
        }

        var rules: UInt64? { standing.withLock { $0 } }

        func admit(_ context: borrowing CallContext) throws(RPCError) -> Admission {
            askedCount.withLock { $0 += 1 }
            return admission
        }
    }

    /// How often each of `guards` was asked about two calls of each of two methods on a connection.
    private func asked(
        _ guards: [Guard], on connection: ConnectionInfo = ConnectionInfo(id: 1, peer: .inProcess)
    ) throws -> [Int] {
        let router = Router(services: [], interceptors: guards)
        for index in [3, 63, 3, 63] {
            try router.admit(
                CallContext(
                    descriptor: MethodDescriptor(service: "a", method: "M", index: index),
                    connection: connection))
        }
        return guards.map { $0.askedCount.withLock { $0 } }
    }

    @Test
    func `An interceptor that always admits is asked once per method until its rules change`()
        throws
    {
        let guards = [Guard(rules: 0, .always), Guard(rules: 5, .always)]
        let connection = ConnectionInfo(id: 1, peer: .inProcess)
        #expect(try asked(guards, on: connection) == [2, 2])
        #expect(try asked(guards, on: connection) == [2, 2])
        guards[1].standing.withLock { $0 = 6 }
        #expect(try asked(guards, on: connection) == [4, 4])
        #expect(try asked(guards) == [6, 6])
    }

    @Test
    func `An interceptor that admits once or has no rules is asked for every call`() throws {
        #expect(try asked([Guard(rules: 0, .always), Guard(rules: 1, .once)]) == [4, 4])
        #expect(try asked([Guard(rules: nil, .always), Guard(rules: 1, .always)]) == [4, 4])
    }

    @Test
    func `An interceptor is asked for every call of a method beyond the 64th`() throws {
        let guards = Guard(rules: 1, .always)
        let router = Router(services: [], interceptors: [guards])
        let connection = ConnectionInfo(id: 1, peer: .inProcess)
        for index in [64, 64, 0, 0] {
            try router.admit(
                CallContext(
                    descriptor: MethodDescriptor(service: "a", method: "M", index: index),
                    connection: connection))
        }
        #expect(guards.askedCount.withLock { $0 } == 3)
    }

    @Test
    func `Interceptors run in order until one refuses, and all observers are notified`() {
        final class Recorder: ServerInterceptor, CallObserver {
            let names = Mutex<[String]>([])
            let refuses: Bool
            init(refuses: Bool) { self.refuses = refuses }
            let rules: UInt64? = nil
            func admit(_ context: borrowing CallContext) throws(RPCError) -> Admission {
                let name = context.method
                names.withLock { $0.append(name) }
                if refuses { throw RPCError(.permissionDenied, "no") }
                return .once
            }
            func finished(
                _ context: borrowing CallContext, outcome: RPCError?, duration: Duration?
            ) {
                names.withLock { $0.append("finished") }
            }
        }
        let recorders = [
            Recorder(refuses: false), Recorder(refuses: true), Recorder(refuses: false),
        ]
        let router = router(recorders)
        let context = CallContext(
            descriptor: MethodDescriptor(service: "a.B", method: "M1", index: 0),
            connection: ConnectionInfo(id: 7, peer: .inProcess))
        #expect(throws: RPCError(.permissionDenied, "no")) { try router.admit(context) }
        router.finished(context, outcome: nil, duration: .zero)
        #expect(
            recorders.map { $0.names.withLock { $0 } }
                == [["M1", "finished"], ["M1", "finished"], ["finished"]])
    }
}
