import Bytes
import DispatchBridge
import Glibc
import TTRPC
import Testing

@testable import Transport

struct ClientTests {
    private func outcome(
        _ body: () async throws(RPCClientError) -> SecretBytes
    ) async -> Result<[UInt8], RPCClientError> {
        do throws(RPCClientError) {
            let answer = try await body()
            return .success(answer.withUnsafeBytes { Array($0) })
        } catch {
            return .failure(error)
        }
    }

    private func withClient(
        limits: RPCClientLimits = RPCClientLimits(), tcp: Bool = false,
        _ body: (TestServer, RPCClient) async throws -> Void
    ) async throws {
        let test = try await TestServer(tcp: tcp)
        let loop = try EventLoop(label: "client")
        let client = RPCClient(address: test.address, loop: loop, limits: limits)
        try await body(test, client)
        await client.close()
        await loop.shutdown()
        await test.server.stop(grace: .seconds(5))
    }

    private func call(
        _ client: RPCClient, _ method: String, _ payload: [UInt8] = [],
        timeout: Duration? = .seconds(30)
    ) async -> Result<[UInt8], RPCClientError> {
        await outcome { () async throws(RPCClientError) in
            try await client.call(
                service: "t.Test", method: method, payload: SecretBytes(payload),
                timeout: timeout)
        }
    }

    @Test(arguments: [false, true])
    func `Many calls share a connection`(tcp: Bool) async throws {
        try await withClient(tcp: tcp) { test, client in
            await withTaskGroup(of: Bool.self) { group in
                for number in 0..<1000 {
                    group.addTask {
                        let payload = Array("\(number)".utf8)
                        let method = number.isMultiple(of: 2) ? "Echo" : "Later"
                        return await call(client, method, payload) == .success(payload)
                    }
                }
                for await isRight in group { #expect(isRight) }
            }
            #expect(test.server.counters.connectionsAccepted == 1)
            #expect(test.server.counters.requests == 1000)
        }
    }

    @Test
    func `A call that is handed on in place ends with what was found there`() async throws {
        try await withClient { _, client in
            #expect(await call(client, "HandOn", [1, 2, 3]) == .success([3, 2, 1]))
        }
    }

    @Test
    func `An error is returned with its details`() async throws {
        try await withClient { _, client in
            let expected = RPCError(
                .aborted, "as asked",
                details: [StatusDetail(typeURL: "t/Detail", value: [1, 2])])
            #expect(await call(client, "Fail") == .failure(.refused(expected)))
        }
    }

    @Test
    func `A deadline ends the call and cancels it on the server`() async throws {
        try await withClient { test, client in
            #expect(await call(client, "Echo", [1]) == .success([1]))
            let task = Task { await call(client, "Hold", [1], timeout: .seconds(1)) }
            #expect(await eventually { test.handlers.holdingCount == 1 })
            let result = await task.value
            switch result {
            case .failure(.deadlineExceeded): break
            case .failure(.refused(let error)): #expect(error.code == .deadlineExceeded)
            default: Issue.record("\(result)")
            }
            #expect(await eventually { test.handlers.cancelledCount == 1 })
            #expect(await call(client, "Echo", [2]) == .success([2]))
        }
    }

    @Test
    func `A cancelled call ends at once and its answer is ignored`() async throws {
        try await withClient { test, client in
            let task = Task { await call(client, "Hold", [1]) }
            #expect(await eventually { test.handlers.holdingCount == 1 })
            task.cancel()
            #expect(await task.value == .failure(.cancelled))
            test.handlers.release([1])
            #expect(await call(client, "Echo", [2]) == .success([2]))
            #expect(test.server.counters.connectionsAccepted == 1)
        }
    }

    @Test
    func `Exhausted stream ids lead to a new connection without failing a call`() async throws {
        var limits = RPCClientLimits()
        limits.streamIDMax = 9
        try await withClient(limits: limits) { test, client in
            let held = Task { await call(client, "Hold", [9]) }
            #expect(await eventually { test.handlers.holdingCount == 1 })
            for number in UInt8(0)..<20 {
                #expect(await call(client, "Later", [number]) == .success([number]))
            }
            test.handlers.release([9])
            #expect(await held.value == .success([9]))
            #expect(test.server.counters.connectionsAccepted >= 5)
            #expect(await eventually { test.server.counters.connections <= 1 })
        }
    }

    @Test
    func `A request over the limit is refused by the client or by the server`() async throws {
        try await withClient { test, client in
            let payload = [UInt8](repeating: 1, count: 4 << 20)
            #expect(await call(client, "Echo", payload) == .failure(.requestTooLarge))
            let large = [UInt8](repeating: 1, count: 70_000)
            guard case .failure(.refused(let error)) = await call(client, "Echo", large) else {
                Issue.record("the server should have refused")
                return
            }
            #expect(error.code == .resourceExhausted)
            #expect(test.server.counters.requests == 0)
        }
    }

    @Test
    func `An absent server is reported as unreachable after the connection attempts`() async throws
    {
        let loop = try EventLoop(label: "client")
        var limits = RPCClientLimits()
        limits.connectAttemptsMax = 3
        limits.backoffSecondsMin = 0.001
        let client = RPCClient(
            address: try SocketAddress(unixPath: "/tmp/no-such-socket"), loop: loop,
            limits: limits)
        guard case .failure(.unreachable(let reason)) = await call(client, "Echo") else {
            Issue.record("it should be unreachable")
            return
        }
        #expect(reason.contains("/tmp/no-such-socket"))
        await client.close()
        #expect(await call(client, "Echo") == .failure(.closed))
        await loop.shutdown()
    }

    @Test
    func `A client reconnects when the server comes back`() async throws {
        let loop = try EventLoop(label: "client")
        let directory = TestServer.makeDirectory()
        defer { TestServer.removeDirectory(directory) }
        let address = try SocketAddress(unixPath: directory + "/s.sock")
        let client = RPCClient(address: address, loop: loop)
        for round in UInt8(0)..<3 {
            // The call waits for a server that is not there yet.
            let early = Task { await call(client, "Echo", [round]) }
            await Task.yield()
            let server = try RPCServer(
                listeners: [try Listener(address: address)],
                router: Router(services: [TestHandlers().service]))
            try await server.start()
            #expect(await early.value == .success([round]))
            await server.stop(grace: .seconds(5))
        }
        await client.close()
        await loop.shutdown()
    }

    /// A server that does what the test says.
    private func withFakeServer(
        _ body: (Listener, ClientConnection, EventLoop) async throws -> Void
    ) async throws {
        let directory = TestServer.makeDirectory()
        defer { TestServer.removeDirectory(directory) }
        let address = try SocketAddress(unixPath: directory + "/s.sock")
        let listener = try Listener(address: address)
        let loop = try EventLoop(label: "client")
        let connection = try await ClientConnection.connect(to: address, loop: loop)
        try await body(listener, connection, loop)
        await connection.close()
        await loop.shutdown()
        listener.removeFile()
    }

    private func accept(_ listener: Listener) throws -> Socket {
        guard case .accepted(let socket, _) = listener.accept() else {
            throw RPCClientError.closed
        }
        return socket
    }

    private func call(
        _ connection: ClientConnection, payloadCount: Int
    ) async -> Result<[UInt8], RPCClientError> {
        await outcome { () async throws(RPCClientError) in
            try await connection.call(
                service: "t.Test", method: "Echo",
                payload: SecretBytes(repeatElement(1, count: payloadCount)))
        }
    }

    private func read(_ socket: Socket, _ wanted: Int) async -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65536)
        var total = 0
        return await eventually {
            if case .count(let count) = buffer.withUnsafeMutableBytes({ socket.read(into: $0) }) {
                total += count
            }
            return total >= wanted
        }
    }

    @Test
    func `A call sent completely reports a lost connection when the server closes`() async throws {
        try await withFakeServer { listener, connection, _ in
            var socket: Socket? = try accept(listener)
            let task = Task { await call(connection, payloadCount: 10) }
            if let socket { #expect(await read(socket, 10)) }
            socket = nil
            #expect(await task.value == .failure(.connectionLost))
            #expect(!connection.isUsable)
            #expect(await call(connection, payloadCount: 1) == .failure(.notSent))
        }
    }

    @Test
    func `A call that was only partly sent is reported as not sent`() async throws {
        try await withFakeServer { listener, connection, _ in
            var socket: Socket? = try accept(listener)
            // Far more than the socket holds, so its frame is cut short.
            let task = Task { await call(connection, payloadCount: 3 << 20) }
            if let socket { #expect(await read(socket, 100_000)) }
            socket = nil
            #expect(await task.value == .failure(.notSent))
        }
    }

    @Test
    func `A protocol violation by the server ends the connection`() async throws {
        for frame in [
            TestServer.frame([], id: 7, type: 2), TestServer.frame([], id: 2, type: 2),
            TestServer.frame([], id: 1, type: 2, length: (4 << 20) + 1),
        ] {
            try await withFakeServer { listener, connection, _ in
                let socket = try accept(listener)
                let task = Task { await call(connection, payloadCount: 10) }
                #expect(await read(socket, 10))
                let written = frame.withUnsafeBytes { socket.write($0) }
                #expect(written == .count(frame.count))
                #expect(await task.value == .failure(.connectionLost))
            }
        }
    }

    @Test
    func `An answer that cannot be decoded fails its call only`() async throws {
        try await withFakeServer { listener, connection, _ in
            let socket = try accept(listener)
            let first = Task { await call(connection, payloadCount: 10) }
            #expect(await read(socket, 10))
            let frames =
                TestServer.frame([1], id: 0, type: 99) + TestServer.frame([0xff], id: 1, type: 2)
            _ = frames.withUnsafeBytes { socket.write($0) }
            #expect(await first.value == .failure(.invalidAnswer))
            let second = Task { await call(connection, payloadCount: 10) }
            #expect(await read(socket, 10))
            let answer = TestServer.frame([], id: 3, type: 2)
            _ = answer.withUnsafeBytes { socket.write($0) }
            #expect(await second.value == .success([]))
        }
    }

    @Test
    func `Backoff delays double up to their maximum, with jitter`() {
        var backoff = Backoff(secondsMin: 1, secondsMax: 10)
        #expect(
            (0..<6).map { _ in backoff.failed(fraction: 1) }
                == [1, 2, 4, 8, 10, 10].map { Duration.seconds(Double($0)) })
        #expect(backoff.failed(fraction: 0) == .seconds(5.0))
        for _ in 0..<100 { _ = backoff.failed(fraction: 0) }
        #expect(backoff.failed(fraction: 1) == .seconds(10.0))
        backoff.succeeded()
        #expect(backoff.failed(fraction: 0) == .seconds(0.5))
    }
}
