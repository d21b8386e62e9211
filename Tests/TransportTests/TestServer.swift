import Bytes
import DispatchBridge
import Glibc
import Synchronization
import TTRPC

@testable import Transport

/// A server in a directory of its own, with handlers that tests steer.
final class TestServer: Sendable {
    let directory: String
    let address: SocketAddress
    let server: RPCServer
    let handlers: TestHandlers

    init(
        limits: ServerLimits = ServerLimits(), loopCount: Int = 1,
        interceptors: [any ServerInterceptor] = [], observers: [any CallObserver] = [],
        tcp: Bool = false
    ) async throws {
        directory = TestServer.makeDirectory()
        let handlers = TestHandlers()
        self.handlers = handlers
        let wanted =
            tcp
            ? try SocketAddress(parsing: "tcp:127.0.0.1:0")
            : try SocketAddress(unixPath: directory + "/s.sock")
        let listener = try Listener(address: wanted)
        address = listener.address
        let router = Router(
            services: [handlers.service], interceptors: interceptors, observers: observers,
            details: { [StatusDetail(typeURL: "refused", value: Array($0.message.utf8))] })
        server = try RPCServer(
            listeners: [listener], router: router, limits: limits, loopCount: loopCount)
        try await server.start()
    }

    deinit {
        TestServer.removeDirectory(directory)
    }

    static func makeDirectory() -> String {
        var template = Array("/tmp/transport-test-XXXXXX".utf8CString)
        return template.withUnsafeMutableBufferPointer { buffer in
            guard let start = buffer.baseAddress, mkdtemp(start) != nil else { return "/tmp" }
            return String(cString: start)
        }
    }

    static func removeDirectory(_ path: String) {
        unlink(path + "/s.sock")
        rmdir(path)
    }

    /// The frame of a call of the test service.
    static func request(
        _ method: String, id: UInt32, payload: [UInt8] = [], timeoutNanoseconds: Int64 = 0,
        service: String = "t.Test"
    ) -> [UInt8] {
        let request = OutgoingRequest(
            service: service, method: method, payload: SecretBytes(payload),
            timeoutNanoseconds: timeoutNanoseconds)
        var bytes = [UInt8](repeating: 0, count: FrameEncoder.requestByteCount(request))
        bytes.withUnsafeMutableBytes {
            FrameEncoder.writeRequest(request, streamID: id, to: $0)
        }
        return bytes
    }

    static func frame(
        _ data: [UInt8], id: UInt32, type: UInt8 = 1, length: UInt32? = nil
    ) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: FrameHeader.byteCount)
        bytes.withUnsafeMutableBytes {
            FrameHeader(
                length: length ?? UInt32(data.count), streamID: id,
                type: MessageType(rawValue: type)
            ).write(to: $0)
        }
        return bytes + data
    }
}

/// Waits until `condition` holds, at most 20 s; whether it did.
func eventually(_ condition: () async -> Bool) async -> Bool {
    let deadline = ContinuousClock.now + .seconds(20)
    while ContinuousClock.now < deadline {
        if await condition() { return true }
        await Task.yield()
    }
    return false
}
