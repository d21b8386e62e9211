import AuthMessages
import Bytes
import Foundation
import TTRPC
import TestSupport
import Testing
import Transport

extension IntegrationTests {
    /// Peers that don't keep to the protocol.
    struct HostileInputTests {
        @Test
        func `An invalid request fails its own stream and leaves the connection usable`()
            async throws
        {
            try await withDaemon { home, _, _ in
                let limit = 64 * 1024
                let pairs = (0..<65).map { MetadataPair(key: "k\($0)", value: "v") }
                let large = [MetadataPair(key: "k", value: String(repeating: "v", count: 8200))]
                let cases: [(String, [UInt8], UInt32, RPCCode)] = [
                    (
                        "64 KiB + 1",
                        RawFrame.bytes(streamID: 1, data: [UInt8](repeating: 0, count: limit + 1)),
                        1, .resourceExhausted
                    ),
                    ("an even stream", RawFrame.health(streamID: 2), 2, .invalidArgument),
                    (
                        "no envelope", RawFrame.bytes(streamID: 3, data: [0xff, 0xff, 0xff]), 3,
                        .invalidArgument
                    ),
                    ("a used stream", RawFrame.health(streamID: 3), 3, .invalidArgument),
                    (
                        "no message",
                        RawFrame.request("Login", SecretBytes([0x0a, 0x7f, 0x41]), streamID: 5), 5,
                        .invalidArgument
                    ),
                    (
                        "text that is not UTF-8",
                        RawFrame.request("Login", SecretBytes([0x0a, 1, 0xff]), streamID: 7), 7,
                        .invalidArgument
                    ),
                    (
                        "65 pairs of metadata",
                        RawFrame.request("Login", SecretBytes(), streamID: 9, metadata: pairs), 9,
                        .invalidArgument
                    ),
                    (
                        "metadata over 8 KiB",
                        RawFrame.request("Login", SecretBytes(), streamID: 11, metadata: large),
                        11, .invalidArgument
                    ),
                    (
                        "no method",
                        RawFrame.request("Nothing", SecretBytes(), streamID: 13), 13,
                        .unimplemented
                    ),
                    (
                        "no service",
                        RawFrame.request("Login", SecretBytes(), streamID: 15, service: "no"), 15,
                        .unimplemented
                    ),
                ]
                try await offPool {
                    let connection = try home.rawConnection()
                    for (name, frame, streamID, code) in cases {
                        // A kind of frame from the future comes before each.
                        try connection.send(
                            RawFrame.bytes(
                                length: 3, streamID: 99, type: MessageType(rawValue: 77),
                                data: [1, 2, 3]))
                        try connection.send(frame)
                        guard let answer = try connection.receive() else {
                            throw TestFailure("closed after \(name)")
                        }
                        #expect(answer.header.streamID == streamID, "\(name)")
                        #expect(try answer.refusal()?.code == code, "\(name)")
                    }
                    try connection.send(RawFrame.health(streamID: 17))
                    #expect(try connection.receive()?.refusal() == nil)
                }
            }
        }

        @Test func `A frame over 4 MiB or left incomplete closes its connection`() async throws {
            try await withDaemon(["AUTHD_STALL_SECONDS": "1"]) { home, _, client in
                let tooLong = RawFrame.bytes(length: 4 << 20 | 1, streamID: 1)
                let stalled = RawFrame.bytes(length: 100, streamID: 1, data: [1, 2, 3])
                let cases = [
                    "over 4 MiB": tooLong, "half a frame": stalled,
                    "half a header": Array(stalled.prefix(4)),
                    "half an oversized frame": RawFrame.bytes(length: 100_000, streamID: 2),
                ]
                for (name, bytes) in cases {
                    let begin = ContinuousClock.now
                    try await offPool {
                        let connection = try home.rawConnection()
                        try connection.send(bytes)
                        // The oversized one is answered first.
                        while try connection.receive() != nil {}
                    }
                    #expect(milliseconds(since: begin) < 5_000, "\(name)")
                }
                // Idle without half a frame may last.
                #expect(try await client.health())
            }
        }

        @Test func `Garbage neither stops the daemon nor disturbs a neighbour`() async throws {
            try await withDaemon(["AUTHD_STALL_SECONDS": "1"]) { home, process, client in
                try await client.register("g@example.org", "walnut-harbor-36-mist")
                let login = try await client.login("g@example.org", "walnut-harbor-36-mist")
                let before = try process.residentBytes()
                for seed in 0..<60 {
                    try await offPool {
                        var generator = SeededRandom(seed: UInt64(seed))
                        let connection = try home.rawConnection()
                        try connection.send(HostileInputTests.garbage(&generator))
                    }
                    try await client.verify(login.access)
                }
                #expect(try await client.health())
                #expect(try process.residentBytes() - before < 16 << 20)
            }
        }

        @Test
        func `A client that never reads is throttled, then closed, and uses little memory`()
            async throws
        {
            try await withDaemon(["AUTHD_STALL_SECONDS": "1"]) { home, process, client in
                let before = try process.residentBytes()
                let glutton = try home.rawConnection()
                var batch: [UInt8] = []
                var streamID: UInt32 = 1
                var sent = 0
                var peak = 0
                try await eventually("the glutton is closed", within: .seconds(20)) {
                    while true {
                        if batch.isEmpty {
                            for _ in 0..<500 {
                                batch += RawFrame.health(streamID: streamID)
                                streamID += 2
                            }
                        }
                        guard let count = try glutton.sendWithoutWaiting(batch) else { return () }
                        batch.removeFirst(count)
                        sent += count
                        guard sent < 64 << 20 else { throw TestFailure("it is read for ever") }
                        if count == 0 { break }
                    }
                    #expect(try await client.health())
                    peak = max(peak, try process.residentBytes())
                    return nil
                }
                #expect(peak - before < 16 << 20, "\(peak - before) bytes for one client")
                #expect(try await client.health())
            }
        }

        /// Noise; frames with honest lengths around noise; and good frames with single bytes
        /// changed.
        private static func garbage(_ generator: inout SeededRandom) -> [UInt8] {
            func noise(_ count: Int) -> [UInt8] {
                (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
            }
            var bytes: [UInt8] = []
            switch Int.random(in: 0..<3, using: &generator) {
            case 0: bytes = noise(5_000)
            case 1:
                for index in 0..<50 {
                    bytes += RawFrame.bytes(streamID: UInt32(index), data: noise(index * 7))
                }
            default:
                for index in 0..<50 {
                    bytes += RawFrame.request(
                        "VerifyToken", SecretBytes(noise(40)), streamID: UInt32(index) * 2 + 1,
                        metadata: [MetadataPair(key: "x-client-name", value: "noise")])
                }
                for _ in 0..<20 {
                    let place = Int.random(in: 0..<bytes.count, using: &generator)
                    bytes[place] = UInt8.random(in: 0...255, using: &generator)
                }
            }
            return bytes
        }
    }
}
