import DispatchBridge
import TTRPC
import TestSupport
import Testing

@testable import Transport

struct ServerStopTests {
    @Test
    func `A stopping server finishes its calls, refuses new ones and closes idle connections`()
        async throws
    {
        let test = try await TestServer(loopCount: 2)
        let idle = try RawClient(test.address)
        let busy = try RawClient(test.address)
        await idle.send(TestServer.request("Echo", id: 1))
        _ = await idle.answers(1)
        await busy.send(TestServer.request("Hold", id: 1, payload: [1]))
        #expect(await eventually { test.handlers.holdingCount == 1 })
        let stopped = Task { await test.server.stop(grace: .seconds(20)) }
        #expect(await idle.isClosedByServer())
        await busy.send(TestServer.request("Echo", id: 3))
        let refused = await busy.answers(1)
        #expect(refused.map(\.code) == [.unavailable])
        #expect(refused.map(\.details.count) == [1], "a refusal without a reason")
        #expect(throws: TransportError.self) { try RawClient(test.address) }
        test.handlers.release([1])
        #expect(await busy.answers(1).map(\.code) == [.ok])
        #expect(await busy.isClosedByServer())
        #expect(await stopped.value)
        #expect(test.server.counters.connections == 0)
    }

    @Test
    func `A call that outlasts the grace period is cancelled`() async throws {
        let test = try await TestServer()
        let client = try RawClient(test.address)
        await client.send(
            TestServer.request("Hold", id: 1, payload: [1])
                + TestServer.request("Stubborn", id: 3, payload: [2]))
        #expect(await eventually { test.handlers.holdingCount == 2 })
        #expect(await !test.server.stop(grace: .milliseconds(50)))
        #expect(await eventually { test.handlers.cancelledCount == 1 })
        let answers = await client.answers(2)
        #expect(Set(answers.map(\.streamID)) == [1, 3])
        #expect(answers.allSatisfy { $0.code == .cancelled })
        #expect(await client.isClosedByServer())
        // Its end comes after the loop's, and does no harm.
        test.handlers.release([2])
        #expect(await eventually { test.server.counters.connections == 0 })
    }

    @Test
    func `A server without connections stops at once`() async throws {
        let test = try await TestServer()
        #expect(await test.server.stop(grace: .seconds(60)))
    }

    @Test
    func `Interceptors and observers see each call's beginning and end once`() async throws {
        final class Recorder: ServerInterceptor, CallObserver {
            let seen = Shared<[String]>([])
            let rules: UInt64? = nil
            func admit(_ context: borrowing CallContext) throws(RPCError) -> Admission {
                let method = context.method
                seen.withLock { $0.append("admit \(method)") }
                if method == "Peer" { throw RPCError(.permissionDenied, "no") }
                return .once
            }
            func finished(
                _ context: borrowing CallContext, outcome: RPCError?, duration: Duration?
            ) {
                // Only what was not refused at once is timed.
                let time = duration.map { $0 >= .zero && $0 < .seconds(60) ? " timed" : " ?" }
                let text = "\(context.method) \(outcome?.code ?? .ok)\(time ?? "")"
                seen.withLock { $0.append(text) }
            }
        }
        let recorder = Recorder()
        let test = try await TestServer(interceptors: [recorder], observers: [recorder])
        let client = try RawClient(test.address)
        var id: UInt32 = 1
        for method in ["Echo", "Later", "Fail", "Peer"] {
            await client.send(TestServer.request(method, id: id))
            _ = await client.answers(1)
            id += 2
        }
        await client.send(
            TestServer.request("Hold", id: 101, timeoutNanoseconds: 5_000_000))
        _ = await client.answers(1)
        #expect(
            recorder.seen.current == [
                "admit Echo", "admit Later", "Later ok timed", "admit Fail",
                "Fail aborted timed", "admit Peer", "Peer permissionDenied", "admit Hold",
                "Hold deadlineExceeded timed",
            ])
        // The echo was answered at once: it is counted and not told.
        #expect(test.server.counters.answersAtOnce.reduce(0, +) == 1)
        #expect(test.server.counters.requests == 5)
        await test.server.stop(grace: .seconds(5))
    }

    @Test
    func `An acceptor without descriptors pauses instead of spinning`() async throws {
        let loop = try EventLoop(label: "test")
        let directory = TestServer.makeDirectory()
        defer { TestServer.removeDirectory(directory) }
        let address = try SocketAddress(unixPath: directory + "/s.sock")
        let listener = try Listener(address: address)
        let client = try RawClient(address)
        let tries = Shared(0)
        let accepted = Promise<Duration>()
        let start = ContinuousClock.now
        let acceptor = Acceptor(
            loop: loop, descriptor: listener.socket.descriptor,
            accept: {
                let count = tries.withLock { tries in
                    tries += 1
                    return tries
                }
                return count < 3 ? .exhausted : listener.accept()
            },
            serve: { _, _ in accepted.fulfil(ContinuousClock.now - start) })
        loop.execute { try? acceptor.start() }
        #expect(await accepted.value() >= .milliseconds(190))
        #expect(tries.current <= 4)
        withExtendedLifetime(client) {}
        loop.execute { acceptor.stop() }
        await loop.shutdown()
        listener.removeFile()
    }
}
