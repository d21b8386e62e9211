import DispatchBridge
import TTRPC
import TestSupport
import Testing

@testable import Transport

/// What one peer's calls may cost the others' time.
@Suite(.serialized)
struct FairnessTests {
    /// Costly calls, in place or in tasks, all in one read.
    private func costly(_ count: Int, inPlace: Bool) -> [UInt8] {
        (0..<count).flatMap {
            TestServer.request("Costly", id: UInt32($0 * 2 + 1), payload: inPlace ? [1] : [])
        }
    }

    @Test(arguments: [true, false])
    func `Costly calls of one peer, sent at once, do not hold up another`(
        inPlace: Bool
    ) async throws {
        let test = try await TestServer()
        let (greedy, other) = (try RawClient(test.address), try RawClient(test.address))
        let count = 250
        await other.send(TestServer.request("Echo", id: 1))
        _ = await other.answers(1)
        await greedy.send(costly(count, inPlace: inPlace))
        #expect(await eventually { test.handlers.costlyCallCount > 0 })
        await other.send(TestServer.request("Echo", id: 3))
        #expect(await other.answers(1).first?.code == .ok)
        #expect(test.handlers.costlyCallCount < count, "answered before all of them were")
        let answers = await greedy.answers(count).map(\.streamID)
        let expected = (0..<count).map { UInt32($0 * 2 + 1) }
        #expect(answers == expected)
        await test.server.stop(grace: .seconds(5))
    }

    @Test
    func `Many peers with costly calls all make progress, and so does another peer`() async throws {
        let test = try await TestServer()
        let greedy = try (0..<8).map { _ in try RawClient(test.address) }
        for client in greedy { await client.send(costly(20, inPlace: false)) }
        let other = try RawClient(test.address)
        await other.send(TestServer.request("Echo", id: 1))
        #expect(await other.answers(1).first?.code == .ok)
        for client in greedy { #expect(await client.answers(20).count == 20) }
        await test.server.stop(grace: .seconds(5))
    }

    @Test
    func `Time spent waiting for a turn counts toward the deadline and the duration of a call`()
        async throws
    {
        let durations = Shared<[Duration]>([])
        let test = try await TestServer(observers: [Durations(durations)])
        let client = try RawClient(test.address)
        let count = 100
        await client.send(
            (0..<count).flatMap {
                TestServer.request(
                    "Costly", id: UInt32($0 * 2 + 1), timeoutNanoseconds: 200_000_000)
            })
        let answers = await client.answers(count)
        #expect(answers.count == count)
        let passed = answers.filter { $0.code == .deadlineExceeded }.count
        #expect(passed > count / 2, "800 ms of work, 200 ms of time")
        #expect(test.handlers.costlyCallCount < count / 2)
        // Each call's time counts from when it was read.
        let longest = durations.current.max() ?? .zero
        #expect(longest > .milliseconds(100))
        await test.server.stop(grace: .seconds(5))
    }

    @Test(arguments: [true, false])
    func `Calls sent before the peer shuts down its sending side are answered`(inPlace: Bool)
        async throws
    {
        let test = try await TestServer()
        let client = try RawClient(test.address)
        await client.send(costly(40, inPlace: inPlace))
        client.endSending()
        #expect(await client.answers(40).count == 40)
        #expect(await client.isClosedByServer())
        await test.server.stop(grace: .seconds(5))
    }

    @Test
    func `A peer that takes its answers slowly but steadily is not closed`() async throws {
        var limits = ServerLimits()
        limits.drainSecondsMax = 1
        let test = try await TestServer(limits: limits)
        let slow = try RawClient(test.address)
        let count = 5
        await slow.send(
            (0..<count).flatMap { TestServer.request("Large", id: UInt32($0 * 2 + 1)) })
        var received = 0
        let never = Promise<Void>()
        // The kernel says that there is room when most of its 200 KiB are free: after 1.5 s.
        while received < count * 100_000 {
            guard let bytes = await slow.receive(atMost: 40_000) else { break }
            received += bytes.count
            _ = try? await never.value(until: .now + .milliseconds(400))
        }
        #expect(received >= count * 100_000)
        await test.server.stop(grace: .seconds(5))
    }
}

/// Keeps how long calls took.
private final class Durations: CallObserver {
    let seen: Shared<[Duration]>

    init(_ seen: Shared<[Duration]>) {
        self.seen = seen
    }

    func finished(_ context: borrowing CallContext, outcome: RPCError?, duration: Duration?) {
        if let duration { seen.withLock { $0.append(duration) } }
    }
}
