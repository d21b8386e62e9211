import Bytes
import TTRPC
import TestCertificates
import TestSupport
import Testing

@testable import Transport

/// TLS callers that don't keep to the rules, with and without a certificate.
@Suite(.serialized)
struct TLSAbuseTests {
    private func isServed(_ test: TLSTestServer, _ context: TLSContext) async throws -> Bool {
        try await test.call("Echo", context, payload: [1]) == [1]
    }

    private func connected(
        _ test: TLSTestServer, _ context: TLSContext
    ) async throws -> TLSRawClient {
        let client = try TLSRawClient(test.address, context)
        #expect(try await client.handshake())
        return client
    }

    @Test
    func `A handshake that stalls at any point is closed after a time limit`() async throws {
        var limits = ServerLimits()
        limits.handshakeSecondsMax = 0.2
        let fixture = try TLSFixture()
        let test = try await TLSTestServer(fixture, limits: limits)
        let context = try fixture.clientContext(fixture.issueClient())
        let hello = try TLSSession(context)
        #expect(try !hello.handshake())
        let bytes = hello.takeUnsent()
        for count in [0, 1, 5, bytes.count - 1, bytes.count] {
            let client = try RawClient(test.address)
            await client.send(Array(bytes[..<count]))
            #expect(await client.isClosedByServer(), "\(count) bytes")
        }
        #expect(await eventually { test.failures.current.count == 5 })
        #expect(test.failures.current.allSatisfy { $0 == .tooSlow })
        #expect(test.server.counters.connectionsAccepted == 0)
        await test.stop()
    }

    @Test
    func `Handshakes over the limit are closed at once without affecting open connections`()
        async throws
    {
        var limits = ServerLimits()
        limits.handshakesPerNetworkMax = 3
        limits.handshakeSecondsMax = 30
        let fixture = try TLSFixture()
        let test = try await TLSTestServer(fixture, limits: limits)
        let context = try fixture.clientContext(fixture.issueClient())
        let inside = test.client(context)
        func echo() async throws -> Int {
            try await inside.call(
                service: "t.Test", method: "Echo", payload: SecretBytes([1])
            ).count
        }
        #expect(try await echo() == 1)
        var idle: [RawClient] = []
        for _ in 0..<3 { idle.append(try RawClient(test.address)) }
        let fourth = try RawClient(test.address)
        #expect(await fourth.isClosedByServer())
        #expect(test.server.counters.handshakesRefused == 1)
        #expect(try await echo() == 1)
        // They don't count as connections.
        #expect(test.server.counters.connections == 1)
        idle = []
        // Room again for those who mean it.
        #expect(await eventually { test.failures.current.count == 3 })
        #expect(test.failures.current.allSatisfy { $0 == .closedEarly })
        #expect(try await isServed(test, context))
        await inside.close()
        await test.stop()
    }

    @Test
    func `Handshakes are counted separately per listener and per network`() {
        var limits = ServerLimits()
        limits.handshakesMax = 3
        limits.handshakesPerNetworkMax = 2
        var ledger = HandshakeLedger(limits: limits)
        let (a, b, c) = (
            ClientNetwork("10.0.0.1"), ClientNetwork("10.0.0.2"), ClientNetwork("2001:db8::1")
        )
        var begun: [Bool] = []
        for (listener, network) in [
            (0, a), (0, a), (0, a), (0, b), (0, c), (1, c), (1, a),
        ] { begun.append(ledger.begin(listener: listener, network: network)) }
        #expect(begun == [true, true, false, true, false, true, false])
        #expect(ledger.openCount == 4)
        ledger.end(listener: 0, network: a)
        let isBegun = ledger.begin(listener: 0, network: a)
        #expect(isBegun)
        for (listener, network) in [(0, a), (0, a), (0, b), (1, c)] {
            ledger.end(listener: listener, network: network)
        }
        #expect(ledger.openCount == 0)
    }

    @Test
    func `Garbage instead of a handshake is refused without affecting others`() async throws {
        let fixture = try TLSFixture()
        let test = try await TLSTestServer(fixture)
        let context = try fixture.clientContext(fixture.issueClient())
        let hello = try TLSSession(context)
        #expect(try !hello.handshake())
        let good = hello.takeUnsent()
        var random = SeededRandom(seed: 7)
        for round in 0..<40 {
            let client = try RawClient(test.address)
            var bytes = good
            switch round % 3 {
            case 0: bytes = (0..<500).map { _ in UInt8.random(in: 0...255, using: &random) }
            case 1:
                for _ in 0..<4 {
                    bytes[Int.random(in: 5..<bytes.count, using: &random)] ^= 0x55
                }
            default: bytes = [22, 3, 1, 0x40, 0] + [UInt8](repeating: 0, count: 70_000)
            }
            await client.send(bytes)
            await client.send(bytes)
            #expect(await client.isClosedByServer(), "round \(round)")
        }
        #expect(try await isServed(test, context))
        await test.stop()
    }

    @Test
    func `A partial or damaged record, or garbage inside one, ends its connection`() async throws {
        var limits = ServerLimits()
        limits.halfFrameSecondsMax = 0.2
        let fixture = try TLSFixture()
        let test = try await TLSTestServer(fixture, limits: limits)
        let context = try fixture.clientContext(fixture.issueClient())
        let whole = TestServer.request("Echo", id: 1)
        for count in [1, 4, 5, 20] {
            let half = try await connected(test, context)
            let record = try half.encrypted(whole)
            await half.raw.send(Array(record[..<count]))
            #expect(await half.raw.isClosedByServer(), "\(count) bytes of a record")
        }
        let halfFrame = try await connected(test, context)
        await halfFrame.raw.send(try halfFrame.encrypted(Array(whole.dropLast())))
        #expect(await halfFrame.raw.isClosedByServer())
        let damaged = try await connected(test, context)
        var record = try damaged.encrypted(whole)
        record[record.count - 1] ^= 1
        await damaged.raw.send(record)
        #expect(await damaged.raw.isClosedByServer())
        let tooLong = try await connected(test, context)
        await tooLong.raw.send([23, 3, 3, 0xff, 0xff] + [UInt8](repeating: 1, count: 65_535))
        #expect(await tooLong.raw.isClosedByServer())
        let garbage = try await connected(test, context)
        await garbage.raw.send(try garbage.encrypted([UInt8](repeating: 0xff, count: 30)))
        #expect(await garbage.raw.isClosedByServer())
        #expect(await eventually { test.server.counters.connections == 0 })
        // Idle without half of anything may last.
        let idle = try await connected(test, context)
        await idle.raw.send(try idle.encrypted(whole))
        #expect(try await idle.receive(10).count >= 10)
        await test.stop()
    }

    @Test
    func `Frames split over many records and many frames in one record are answered`() async throws
    {
        let fixture = try TLSFixture()
        let test = try await TLSTestServer(fixture)
        let context = try fixture.clientContext(fixture.issueClient())
        let client = try await connected(test, context)
        let frame = TestServer.request("Echo", id: 1, payload: [9])
        var bytes: [UInt8] = []
        for byte in frame { bytes += try client.encrypted([byte]) }
        var many: [UInt8] = []
        for id in 1...200 { many += TestServer.request("Echo", id: UInt32(id * 2 + 1)) }
        bytes += try client.encrypted(many)
        await client.raw.send(bytes)
        // Each answer has at least its header.
        #expect(try await client.receive(201 * 10).count >= 201 * 10)
        await test.stop()
    }

    @Test
    func `A TLS client that never reads is held up and closed without affecting others`()
        async throws
    {
        var limits = ServerLimits()
        limits.drainSecondsMax = 1
        let fixture = try TLSFixture()
        let test = try await TLSTestServer(fixture, limits: limits)
        let context = try fixture.clientContext(fixture.issueClient())
        let greedy = try await connected(test, context)
        var requests: [UInt8] = []
        let padding = [UInt8](repeating: 0, count: 8000)
        for number in 0..<2_000 {
            requests += TestServer.request(
                "Large", id: UInt32(number * 2 + 1), payload: padding)
        }
        let ciphertext = try greedy.encrypted(requests)
        let sent = await greedy.raw.flood(ciphertext)
        #expect(sent < ciphertext.count)
        // A mebibyte of answers, what the sockets hold, and one turn's more: not 200 MB.
        #expect(test.handlers.largeCallCount < 200)
        #expect(try await isServed(test, context))
        #expect(await eventually { test.server.counters.connections <= 1 })
        #expect(try await isServed(test, context))
        await test.stop()
    }

    @Test
    func `A TLS client that reads late gets every answer`() async throws {
        let fixture = try TLSFixture()
        let test = try await TLSTestServer(fixture)
        let context = try fixture.clientContext(fixture.issueClient())
        let client = try await connected(test, context)
        var requests: [UInt8] = []
        for number in 0..<60 { requests += TestServer.request("Large", id: UInt32(number * 2 + 1)) }
        await client.raw.send(try client.encrypted(requests))
        #expect(await eventually { test.handlers.largeCallCount > 10 })
        let count = FrameEncoder.responseByteCount(payloadCount: 100_000) * 60
        #expect(try await client.receive(count).count == count)
        #expect(test.handlers.largeCallCount == 60)
        await test.stop()
    }

    @Test
    func `One certificate can't take all connections`() async throws {
        var limits = ServerLimits()
        limits.connectionsPerOwnerMax = 2
        let fixture = try TLSFixture()
        let test = try await TLSTestServer(fixture, limits: limits)
        let context = try fixture.clientContext(fixture.issueClient())
        let first = try await connected(test, context)
        let second = try await connected(test, context)
        #expect(await eventually { test.server.counters.connections == 2 })
        let third = try await connected(test, context)
        #expect(await third.raw.isClosedByServer())
        let other = try fixture.clientContext(fixture.issueClient("other"))
        #expect(try await isServed(test, other))
        withExtendedLifetime((first, second)) {}
        await test.stop()
    }

    @Test
    func `Stopping the server ends handshakes and closes TLS connections cleanly`() async throws {
        let fixture = try TLSFixture()
        let test = try await TLSTestServer(fixture)
        let context = try fixture.clientContext(fixture.issueClient())
        let inside = try await connected(test, context)
        let outside = try RawClient(test.address)
        await outside.send([22, 3, 1])
        #expect(await eventually { test.server.counters.connections == 1 })
        await test.stop()
        #expect(await outside.isClosedByServer())
        // The end is said, not only made.
        #expect(try await inside.receive(1) == [])
        #expect(try inside.session.isOver())
    }
}

extension TLSSession {
    /// Whether the other side has said that it sends no more.
    func isOver() throws -> Bool {
        var buffer = [UInt8](repeating: 0, count: TLSSession.recordBytesMax)
        return try buffer.withUnsafeMutableBytes { try read(into: $0) } == .closed
    }
}

extension TLSContext {
    /// Whether the next connection can go on with a session. It takes it and puts it back.
    var hasSession: Bool {
        guard let session = takeSession() else { return false }
        keep(session)
        return true
    }
}
