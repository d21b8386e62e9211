import DispatchBridge
import Glibc
import TTRPC
import TestSupport
import Testing

@testable import Transport

/// What a peer can cost, and what calls go through.
@Suite(.serialized)
struct ServerLimitTests {
    private func name(_ number: Int) -> [UInt8] {
        Array("\(number)".utf8)
    }

    private func releaseAll(_ test: TestServer, until isDone: Shared<Bool>) async {
        while !isDone.current {
            test.handlers.releaseAll()
            await Task.yield()
        }
    }

    private func works(_ test: TestServer) async throws -> Bool {
        let client = try RawClient(test.address)
        await client.send(TestServer.request("Echo", id: 1))
        return await client.answers(1).first?.code == .ok
    }

    @Test
    func `A connection with a partial frame is closed after a time limit, and an idle one is not`()
        async throws
    {
        var limits = ServerLimits()
        limits.halfFrameSecondsMax = 0.1
        let test = try await TestServer(limits: limits)
        let idle = try RawClient(test.address)
        let whole = TestServer.request("Echo", id: 1)
        await idle.send(whole)
        _ = await idle.answers(1)
        for count in [1, 9, 10, whole.count - 1] {
            let half = try RawClient(test.address)
            await half.send(Array(whole[..<count]))
            #expect(await half.isClosedByServer(), "\(count) bytes")
        }
        let skipped = try RawClient(test.address)
        await skipped.send(TestServer.frame([1, 2], id: 1, length: 100_000))
        #expect(await skipped.isClosedByServer())
        await idle.send(TestServer.request("Echo", id: 3))
        #expect(await idle.answers(1).first?.code == .ok)
        await test.server.stop(grace: .seconds(5))
    }

    @Test
    func `A client that never reads is held up and closed without affecting others`() async throws {
        var limits = ServerLimits()
        limits.drainSecondsMax = 1
        let test = try await TestServer(limits: limits)
        let greedy = try RawClient(test.address)
        var requests: [UInt8] = []
        for number in 0..<20_000 {
            requests += TestServer.request("Large", id: UInt32(number * 2 + 1))
        }
        let sent = await greedy.flood(requests)
        #expect(sent < requests.count)
        // A mebibyte of answers, what the socket holds, and one turn's more: not 2 GB.
        #expect(test.handlers.largeCallCount < 40)
        #expect(try await works(test))
        #expect(await eventually { test.server.counters.connections <= 1 })
        #expect(try await works(test))
        await test.server.stop(grace: .seconds(5))
    }

    @Test
    func `A client that reads late gets every answer`() async throws {
        let test = try await TestServer()
        let client = try RawClient(test.address)
        var requests: [UInt8] = []
        for number in 0..<60 {
            requests += TestServer.request("Large", id: UInt32(number * 2 + 1))
        }
        await client.send(requests)
        let answers = await client.answers(60)
        let expected = Array(stride(from: UInt32(1), to: 120, by: 2))
        #expect(answers.map(\.streamID) == expected)
        #expect(answers.allSatisfy { $0.payload.count == 100_000 })
        await test.server.stop(grace: .seconds(5))
    }

    @Test
    func `Two thousand idle connections do not affect other clients`() async throws {
        var files = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files)
        files.rlim_cur = files.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files)
        try #require(files.rlim_cur > 6000, "this test needs descriptors")
        let test = try await TestServer(loopCount: 2)
        var idle: [RawClient] = []
        while idle.count < 2000 {
            do {
                idle.append(try RawClient(test.address))
            } catch TransportError.system(_, _, EAGAIN) {
                // The kernel's backlog is full: the server is at it.
                await Task.yield()
            }
        }
        #expect(await eventually { test.server.counters.connections == 2000 })
        #expect(try await works(test))
        idle = []
        #expect(await eventually { test.server.counters.connections == 0 })
        await test.server.stop(grace: .seconds(5))
    }

    @Test
    func `Connections over the limits are closed at once and counted`() async throws {
        var limits = ServerLimits()
        limits.connectionsPerOwnerMax = 2
        let test = try await TestServer(limits: limits)
        let first = try RawClient(test.address)
        let second = try RawClient(test.address)
        #expect(await eventually { test.server.counters.connections == 2 })
        let third = try RawClient(test.address)
        #expect(await third.isClosedByServer())
        #expect(test.server.counters.connectionsRefused == 1)
        await first.send(TestServer.request("Echo", id: 1))
        #expect(await first.answers(1).count == 1)
        await second.send(TestServer.request("Echo", id: 1))
        #expect(await second.answers(1).count == 1)
        await test.server.stop(grace: .seconds(5))
        limits.connectionsMax = 1
        let small = try await TestServer(limits: limits, tcp: true)
        let only = try RawClient(small.address)
        await only.send(TestServer.request("Echo", id: 1))
        #expect(await only.answers(1).count == 1)
        let other = try RawClient(small.address)
        #expect(await other.isClosedByServer())
        await small.server.stop(grace: .seconds(5))
        // Over TCP nothing tells callers apart: they are one, and shut nobody else out.
        limits.connectionsMax = 100
        let local = try await TestServer(limits: limits, tcp: true)
        let kept = [try RawClient(local.address), try RawClient(local.address)]
        #expect(await eventually { local.server.counters.connections == kept.count })
        #expect(try await RawClient(local.address).isClosedByServer())
        await local.server.stop(grace: .seconds(5))
    }

    @Test
    func `A thousand calls in flight are answered in any order`() async throws {
        var limits = ServerLimits()
        limits.inFlightMax = 1000
        let test = try await TestServer(limits: limits)
        let client = try RawClient(test.address)
        var requests: [UInt8] = []
        for number in 0..<1000 {
            requests += TestServer.request(
                "Hold", id: UInt32(number * 2 + 1), payload: name(number))
        }
        await client.send(requests)
        #expect(await eventually { test.handlers.holdingCount == 1000 })
        for number in (0..<1000).reversed() { test.handlers.release(name(number)) }
        let answers = await client.answers(1000)
        #expect(Set(answers.map(\.streamID)).count == 1000)
        for answer in answers {
            #expect(answer.payload == name(Int(answer.streamID / 2)))
        }
        await test.server.stop(grace: .seconds(5))
    }

    @Test
    func `Calls over the in-flight limit wait unread, and all are answered`() async throws {
        var limits = ServerLimits()
        limits.inFlightMax = 8
        let test = try await TestServer(limits: limits)
        let client = try RawClient(test.address)
        var requests: [UInt8] = []
        for number in 0..<500 {
            requests += TestServer.request(
                number.isMultiple(of: 5) ? "Echo" : "Hold", id: UInt32(number * 2 + 1),
                payload: name(number))
        }
        await client.send(requests)
        let isDone = Shared(false)
        let answers = Task {
            defer { isDone.withLock { $0 = true } }
            return await client.answers(500)
        }
        #expect(await eventually { test.handlers.holdingCount == 8 })
        #expect(test.server.counters.requests < 20, "the rest must wait unread")
        await releaseAll(test, until: isDone)
        #expect(Set(await answers.value.map(\.streamID)).count == 500)
        #expect(test.handlers.holdingMax <= 8)
        await test.server.stop(grace: .seconds(5))
    }

    @Test
    func `A call past its deadline is answered once, cancelled, and its late result dropped`()
        async throws
    {
        let test = try await TestServer()
        let client = try RawClient(test.address)
        await client.send(
            TestServer.request(
                "Hold", id: 1, payload: name(1), timeoutNanoseconds: 20_000_000)
                + TestServer.request(
                    "Stubborn", id: 3, payload: name(3), timeoutNanoseconds: 20_000_000)
                + TestServer.request("Hold", id: 5, payload: name(5), timeoutNanoseconds: -1)
                + TestServer.request(
                    "Echo", id: 7, payload: name(7), timeoutNanoseconds: .max))
        let answers = await client.answers(4)
        let codes = Dictionary(answers.map { ($0.streamID, $0.code) }) { first, _ in first }
        #expect(
            codes == [
                1: .deadlineExceeded, 3: .deadlineExceeded, 5: .deadlineExceeded, 7: .ok,
            ])
        #expect(answers.allSatisfy { $0.details.isEmpty == ($0.code == .ok) })
        #expect(await eventually { test.handlers.cancelledCount == 1 })
        test.handlers.release(name(3))
        await client.send(TestServer.request("Echo", id: 9))
        #expect(await client.answers(1).map(\.streamID) == [9])
        await test.server.stop(grace: .seconds(5))
    }

    @Test
    func `Calls that time out keep counting against the in-flight limit until they end`()
        async throws
    {
        var limits = ServerLimits()
        limits.inFlightMax = 4
        let test = try await TestServer(limits: limits)
        let client = try RawClient(test.address)
        var requests: [UInt8] = []
        for number in 0..<100 {
            requests += TestServer.request(
                "Stubborn", id: UInt32(number * 2 + 1), payload: name(number),
                timeoutNanoseconds: 1_000_000)
        }
        await client.send(requests)
        #expect(await client.answers(4).allSatisfy { $0.code == .deadlineExceeded })
        #expect(test.handlers.holdingCount == 4)
        #expect(test.server.counters.requests == 4)
        let isDone = Shared(false)
        let rest = Task {
            defer { isDone.withLock { $0 = true } }
            return await client.answers(96)
        }
        await releaseAll(test, until: isDone)
        #expect(await rest.value.count == 96)
        await test.server.stop(grace: .seconds(5))
    }

    @Test
    func `Closing a connection cancels its calls, and it counts until they have ended`()
        async throws
    {
        let test = try await TestServer()
        var client: RawClient? = try RawClient(test.address)
        await client?.send(
            TestServer.request("Hold", id: 1, payload: name(1))
                + TestServer.request("Stubborn", id: 3, payload: name(3)))
        #expect(await eventually { test.handlers.holdingCount == 2 })
        client = nil
        #expect(await eventually { test.handlers.cancelledCount == 1 })
        #expect(test.server.counters.connections == 1)
        test.handlers.release(name(3))
        #expect(await eventually { test.server.counters.connections == 0 })
        await test.server.stop(grace: .seconds(5))
    }

    @Test
    func `A connection closed while it waits for room cancels its calls`() async throws {
        var limits = ServerLimits()
        limits.inFlightMax = 2
        let test = try await TestServer(limits: limits)
        var client: RawClient? = try RawClient(test.address)
        var requests: [UInt8] = []
        for number in 0..<10 {
            requests += TestServer.request(
                "Hold", id: UInt32(number * 2 + 1), payload: name(number))
        }
        await client?.send(requests)
        #expect(await eventually { test.handlers.holdingCount == 2 })
        client = nil
        #expect(await eventually { test.server.counters.connections == 0 })
        #expect(test.handlers.cancelledCount == 2)
        #expect(test.server.counters.requests == 2)
        await test.server.stop(grace: .seconds(5))
    }
}
