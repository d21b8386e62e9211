import Bytes
import Synchronization
import Testing

@testable import TTRPC

struct RouterTests {
    private func method(_ name: String) -> RPCMethod {
        RPCMethod(name) { (_, payload) async throws(RPCError) in payload }
    }

    private func router(_ interceptors: [any ServerInterceptor] = []) -> Router {
        Router(
            services: [
                RPCService(name: "a.B", methods: (0..<40).map { method("M\($0)") }),
                RPCService(name: "a.C", methods: [method("M1")]),
                RPCService(name: "a", methods: [method("BM1"), method("")]),
            ], interceptors: interceptors)
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
    func `Each method is found under its own name only`() {
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
    func `A name's length and control characters do not reach the message`() throws {
        let long = try refusal(Array(repeating: UInt8(ascii: "x"), count: 120), [])
        #expect(long.message.utf8.count < 130)
        let rude = try refusal(Array("\u{1b}[2J\n".utf8), [])
        #expect(rude.message == "unknown service \"?[2J?\"")
        #expect(try refusal([0xff], []).code == .invalidArgument)
    }

    @Test
    func `Interceptors are asked in order until one refuses`() {
        final class Recorder: ServerInterceptor {
            let names = Mutex<[String]>([])
            let refuses: Bool
            init(refuses: Bool) { self.refuses = refuses }
            func admit(_ context: borrowing CallContext) throws(RPCError) {
                let name = context.method
                names.withLock { $0.append(name) }
                if refuses { throw RPCError(.permissionDenied, "no") }
            }
            func finished(
                _ context: borrowing CallContext, outcome: RPCError?, duration: Duration
            ) {
                names.withLock { $0.append("finished") }
            }
        }
        let recorders = [
            Recorder(refuses: false), Recorder(refuses: true), Recorder(refuses: false),
        ]
        let router = router(recorders)
        let context = CallContext(
            descriptor: MethodDescriptor(service: "a.B", method: "M1"),
            connection: ConnectionInfo(id: 7, peer: .inProcess))
        #expect(throws: RPCError(.permissionDenied, "no")) { try router.admit(context) }
        router.finished(context, outcome: nil, duration: .zero)
        #expect(
            recorders.map { $0.names.withLock { $0 } }
                == [["M1", "finished"], ["M1", "finished"], ["finished"]])
    }
}
