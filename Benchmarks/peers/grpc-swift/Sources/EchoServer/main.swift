import GRPCCore
import GRPCNIOTransportHTTP2

struct RawSerializer: MessageSerializer {
    func serialize<Bytes: GRPCContiguousBytes>(_ message: [UInt8]) throws -> Bytes {
        Bytes(message)
    }
}

struct RawDeserializer: MessageDeserializer {
    func deserialize<Bytes: GRPCContiguousBytes>(_ bytes: Bytes) throws -> [UInt8] {
        bytes.withUnsafeBytes { [UInt8]($0) }
    }
}

/// Answers with the payload, without decoding it.
struct Echo: RegistrableRPCService {
    func registerMethods<T: ServerTransport>(with router: inout RPCRouter<T>) {
        router.registerHandler(
            forMethod: MethodDescriptor(fullyQualifiedService: "bench.Echo", method: "Echo"),
            deserializer: RawDeserializer(),
            serializer: RawSerializer(),
            handler: { request, _ in
                let single = try await ServerRequest(stream: request)
                return StreamingServerResponse(single: ServerResponse(message: single.message))
            })
    }
}

let server = GRPCServer(
    transport: .http2NIOPosix(
        address: .unixDomainSocket(path: CommandLine.arguments[1]),
        transportSecurity: .plaintext),
    services: [Echo()])
try await server.serve()
