import TTRPC
import Testing

@testable import Transport

/// What the server makes of frames, good and bad.
struct ServerProtocolTests {
    private func codes(_ answers: [RawClient.Answer]) -> [UInt32: RPCCode] {
        Dictionary(answers.map { ($0.streamID, $0.code) }) { first, _ in first }
    }

    @Test(arguments: ["Echo", "Later"])
    func `A call is answered in place or asynchronously`(method: String) async throws {
        let test = try await TestServer()
        let client = try RawClient(test.address)
        await client.send(TestServer.request(method, id: 1, payload: [1, 2, 3]))
        #expect(
            await client.answers(1)
                == [.init(streamID: 1, code: .ok, message: "", payload: [1, 2, 3])])
        await test.server.stop(grace: .seconds(5))
    }

    @Test
    func `Requests split at every byte are answered`() async throws {
        let test = try await TestServer()
        let client = try RawClient(test.address)
        let one = TestServer.request("Echo", id: 1, payload: [1])
        let length = one.count + TestServer.request("Later", id: 3, payload: [2]).count
        var id: UInt32 = 1
        for split in 1..<length {
            let bytes =
                TestServer.request("Echo", id: id, payload: [1])
                + TestServer.request("Later", id: id + 2, payload: [2])
            await client.send(Array(bytes[..<split]))
            await client.send(Array(bytes[split...]))
            let answers = await client.answers(2).sorted { $0.streamID < $1.streamID }
            #expect(answers.map(\.payload) == [[1], [2]], "split at \(split)")
            id += 4
        }
        await test.server.stop(grace: .seconds(5))
    }

    /// A read leaves some of them in the socket.
    @Test
    func `More calls at once than one read holds are all answered`() async throws {
        let test = try await TestServer()
        let client = try RawClient(test.address)
        let payload = [UInt8](repeating: 7, count: 100)
        let count = 3 * ServerLoop.inputBytesMax / payload.count
        var id: UInt32 = 1
        for _ in 0..<10 {
            var requests: [UInt8] = []
            for _ in 0..<count {
                requests += TestServer.request("Echo", id: id, payload: payload)
                id += 2
            }
            async let answers = client.answers(count)
            await client.send(requests)
            #expect(await answers.count == count)
        }
        await test.server.stop(grace: .seconds(5))
    }

    /// One event may tell of both.
    @Test(arguments: [5, 40])
    func `A connection that ends together with its last bytes is released`(count: Int) async throws
    {
        var limits = ServerLimits()
        limits.halfFrameSecondsMax = 600
        let test = try await TestServer(limits: limits)
        let request = TestServer.request("Hold", id: 1, payload: [UInt8](repeating: 7, count: 100))
        for _ in 0..<300 {
            let client = try RawClient(test.address)
            await client.send(Array(request[..<count]))
        }
        #expect(await eventually { test.server.counters.connections == 0 })
        await test.server.stop(grace: .seconds(5))
    }

    @Test
    func `A bad frame is answered with a status or ignored, and the connection stays open`()
        async throws
    {
        let test = try await TestServer()
        let client = try RawClient(test.address)
        await client.send(
            TestServer.request("Echo", id: 5)
                + TestServer.request("Echo", id: 2)
                + TestServer.request("Echo", id: 0)
                + TestServer.request("Echo", id: 3)
                + TestServer.frame([0xff, 0xff], id: 7)
                + TestServer.frame([1, 2, 3], id: 4, type: 77)
                + TestServer.frame([1, 2, 3], id: 6, type: 2)
                + TestServer.frame([1, 2, 3], id: 8, type: 3)
                + TestServer.request("Nothing", id: 9)
                + TestServer.request("Echo", id: 11, service: "x.Y")
                + TestServer.frame([UInt8](repeating: 0, count: 65537), id: 13)
                + TestServer.frame([UInt8](repeating: 0, count: 4 << 20), id: 15)
                + TestServer.request("Fail", id: 17)
                + TestServer.request("Huge", id: 19))
        let answers = await client.answers(11)
        #expect(
            codes(answers) == [
                5: .ok, 2: .invalidArgument, 0: .invalidArgument, 3: .invalidArgument,
                7: .invalidArgument, 9: .unimplemented, 11: .unimplemented,
                13: .resourceExhausted, 15: .resourceExhausted, 17: .aborted, 19: .internal,
            ])
        for answer in answers where answer.code != .ok {
            #expect(!answer.details.isEmpty, "a refusal without a reason: \(answer)")
        }
        await client.send(
            TestServer.request("Echo", id: 19) + TestServer.request("Echo", id: 21))
        #expect(codes(await client.answers(2)) == [19: .invalidArgument, 21: .ok])
        #expect(test.server.counters.connections == 1)
        await test.server.stop(grace: .seconds(5))
    }

    @Test
    func `A request of exactly the maximum size is answered and a larger one refused`() async throws
    {
        let test = try await TestServer()
        let client = try RawClient(test.address)
        let overhead = TestServer.request("Echo", id: 1, payload: [0]).count
        // The payload's length takes two bytes more than that of one byte.
        let fits = 65536 + 10 - overhead + 1 - 2
        await client.send(
            TestServer.request("Echo", id: 1, payload: [UInt8](repeating: 5, count: fits))
                + TestServer.request(
                    "Echo", id: 3, payload: [UInt8](repeating: 5, count: fits + 1)))
        let answers = await client.answers(2)
        #expect(codes(answers) == [1: .ok, 3: .resourceExhausted])
        #expect(answers.first?.payload.count == fits)
        await test.server.stop(grace: .seconds(5))
    }

    @Test
    func `A frame over four mebibytes ends its connection only`() async throws {
        let test = try await TestServer()
        let good = try RawClient(test.address)
        let bad = try RawClient(test.address)
        await bad.send(
            TestServer.request("Echo", id: 1)
                + TestServer.frame([], id: 3, length: (4 << 20) + 1))
        #expect(codes(await bad.answers(2)) == [1: .ok])
        #expect(await bad.isClosedByServer())
        await good.send(TestServer.request("Echo", id: 1))
        #expect(codes(await good.answers(1)) == [1: .ok])
        await test.server.stop(grace: .seconds(5))
    }

    @Test(arguments: 0..<4)
    func `Randomly damaged frames neither crash the server nor affect other clients`(seed: UInt64)
        async throws
    {
        let test = try await TestServer()
        var state = seed &* 77 &+ 12345
        for _ in 0..<50 {
            let client = try RawClient(test.address)
            var bytes = TestServer.request("Later", id: 1) + TestServer.request("Echo", id: 3)
            for _ in 0..<8 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let place = Int(state >> 33) % bytes.count
                bytes[place] = UInt8(truncatingIfNeeded: state >> 20)
            }
            await client.send(bytes)
        }
        let good = try RawClient(test.address)
        await good.send(TestServer.request("Echo", id: 1))
        #expect(codes(await good.answers(1)) == [1: .ok])
        await test.server.stop(grace: .seconds(5))
        #expect(test.server.counters.connections == 0)
    }

    @Test
    func `The peer of a Unix socket is known by uid and pid, and that of TCP by address`()
        async throws
    {
        let test = try await TestServer()
        let client = try RawClient(test.address)
        await client.send(TestServer.request("Peer", id: 1))
        let answer = try #require(await client.answers(1).first)
        let text = String(decoding: answer.payload, as: UTF8.self)
        #expect(text.hasPrefix("unix(uid ") && text.contains("pid "))
        await test.server.stop(grace: .seconds(5))
        let tcp = try await TestServer(tcp: true)
        let other = try RawClient(tcp.address)
        await other.send(TestServer.request("Peer", id: 1))
        let otherAnswer = try #require(await other.answers(1).first)
        #expect(String(decoding: otherAnswer.payload, as: UTF8.self).hasPrefix("tcp(127.0.0.1:"))
        await tcp.server.stop(grace: .seconds(5))
    }
}
