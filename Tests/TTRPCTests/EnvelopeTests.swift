import Bytes
import TestSupport
import Testing

@testable import TTRPC

/// The hexadecimal texts were made with `protoc --encode` (libprotoc 3.21) from the messages in the
/// protocol's description: an encoder that is not ours.
struct EnvelopeTests {
    private let requestHex =
        "0a15677270632e6865616c74682e76312e4865616c74681205436865636b1a04010200ff2080dea0cb05"
        + "2a1b0a0d617574686f72697a6174696f6e120a426561726572206162632a150a0d582d436c69656e74"
        + "2d4e616d6512045a6fc3ab"
    private let statusHex =
        "0a42080512086e6f7420686572651a2f0a28747970652e676f6f676c65617069732e636f6d2f676f6f67"
        + "6c652e7270632e4572726f72496e666f12030a01581a030a0175"

    private var request: OutgoingRequest {
        OutgoingRequest(
            service: "grpc.health.v1.Health", method: "Check",
            payload: SecretBytes([1, 2, 0, 255]), timeoutNanoseconds: 1_500_000_000,
            metadata: [
                MetadataPair(key: "authorization", value: "Bearer abc"),
                MetadataPair(key: "X-Client-Name", value: "Zoë"),
            ])
    }

    private var status: RPCStatus {
        RPCStatus(
            code: .notFound, message: "not here",
            details: [
                StatusDetail(
                    typeURL: "type.googleapis.com/google.rpc.ErrorInfo",
                    value: [0x0a, 1, UInt8(ascii: "X")]),
                StatusDetail(typeURL: "u", value: []),
            ])
    }

    private func decodeRequest<R>(
        _ bytes: [UInt8], _ body: (RequestEnvelope) throws -> R
    ) throws -> R {
        try bytes.withUnsafeBytes { try body(try RequestEnvelope(decoding: $0)) }
    }

    private func decodeStatus(_ bytes: [UInt8]) throws -> RPCStatus? {
        try bytes.withUnsafeBytes { try ResponseEnvelope(decoding: $0).status }
    }

    private func metadata(
        _ bytes: [UInt8], _ limits: EnvelopeLimits = EnvelopeLimits()
    ) throws -> CallMetadata {
        try decodeRequest(bytes) { try $0.metadata(limits: limits) }
    }

    @Test
    func `A request is encoded as protoc encodes it`() {
        #expect(Hex.encode(WireBuilder.encode(request)) == requestHex)
    }

    @Test
    func `A request encoded by protoc is decoded`() throws {
        let bytes = try #require(Hex.decode(requestHex))
        try decodeRequest(bytes) { envelope in
            #expect(Array(envelope.service) == Array("grpc.health.v1.Health".utf8))
            #expect(Array(envelope.method) == Array("Check".utf8))
            #expect(Array(envelope.payload) == [1, 2, 0, 255])
            #expect(envelope.timeoutNanoseconds == 1_500_000_000)
            #expect(envelope.isTextValid)
        }
        let metadata = try metadata(bytes)
        #expect(metadata.count == 2)
        #expect(metadata.value("authorization") == "Bearer abc")
        #expect(metadata.secret("authorization") == SecretBytes(utf8: "Bearer abc"))
        #expect(metadata.value("x-client-name") == "Zoë")
        #expect(metadata.value("traceparent") == nil)
    }

    @Test
    func `A negative timeout takes ten bytes and comes back negative`() throws {
        let bytes = try #require(Hex.decode("0a017312016d20ffffffffffffffffff01"))
        #expect(try decodeRequest(bytes) { $0.timeoutNanoseconds } == -1)
        let request = OutgoingRequest(
            service: "s", method: "m", payload: SecretBytes(), timeoutNanoseconds: -1)
        #expect(WireBuilder.encode(request) == bytes)
    }

    @Test
    func `A response is encoded as protoc encodes it, and decoded`() throws {
        let hex = "120568656c6c6f"
        #expect(Hex.encode(WireBuilder.encode(payload: Array("hello".utf8))) == hex)
        let bytes = try #require(Hex.decode(hex))
        try bytes.withUnsafeBytes { bytes in
            let response = try ResponseEnvelope(decoding: bytes)
            #expect(response.status == nil)
            #expect(Array(response.payload) == Array("hello".utf8))
        }
    }

    @Test
    func `A status with details is encoded as protoc encodes it, and decoded`() throws {
        #expect(Hex.encode(WireBuilder.encode(status)) == statusHex)
        let bytes = try #require(Hex.decode(statusHex))
        #expect(try decodeStatus(bytes) == status)
    }

    @Test
    func `An undefined status code is decoded as unknown`() throws {
        for hex in ["0a0b08fdffffffffffffffff01", "0a020811"] {
            let bytes = try #require(Hex.decode(hex))
            #expect(try decodeStatus(bytes)?.code == .unknown)
        }
    }

    @Test
    func `A truncated request is malformed unless it ends between two fields`() throws {
        let bytes = try #require(Hex.decode(requestHex))
        var ends: Set<Int> = [0]
        for end in [23, 30, 36, 42, 71, 94] { ends.insert(end) }
        #expect(bytes.count == 94)
        for count in 0..<bytes.count {
            let isWhole = (try? decodeRequest(Array(bytes[..<count])) { _ in true }) ?? false
            #expect(isWhole == ends.contains(count), "cut at \(count)")
        }
    }

    @Test(
        arguments: [
            "08", "0a", "0a05", "0a0161ff", "0801", "1001", "1801", "2200", "2801",
            "00", "0001", "0200", "0b", "0c", "0e00", "0f00", "2080", "30ffffffffffffffffff02",
            "30ffffffffffffffffffff01", "0affffffffffffffffff01", "0affffffff0f",
            "808080801000", "3180808080", "3500", "2a050a0561",
        ])
    func `Invalid protobuf is malformed`(hex: String) throws {
        let bytes = try #require(Hex.decode(hex))
        #expect(throws: EnvelopeError.malformed) { _ = try metadata(bytes) }
    }

    @Test(
        arguments: [
            "", "3001", "31" + "0000000000000000", "3500000000", "320141",
            "f8ffffff0f01", "2a00", "30ffffffffffffffffff01", "3080808000",
        ])
    func `Unknown fields of every kind are skipped`(hex: String) throws {
        let bytes = try #require(Hex.decode(hex + "0a0173"))
        #expect(try decodeRequest(bytes) { Array($0.service) } == Array("s".utf8))
    }

    @Test
    func `The last value of a repeated singular field wins`() throws {
        let bytes = try #require(Hex.decode("0a01610a016220012002"))
        try decodeRequest(bytes) { envelope in
            #expect(Array(envelope.service) == Array("b".utf8))
            #expect(envelope.timeoutNanoseconds == 2)
        }
    }

    @Test
    func `Metadata that is not UTF-8 is refused`() throws {
        for hex in ["2a030a01ff", "2a031201c0", "2a05" + "1203eda080"] {
            let bytes = try #require(Hex.decode(hex))
            #expect(throws: EnvelopeError.invalidText) { _ = try metadata(bytes) }
        }
    }

    @Test
    func `Metadata limits hold at n and n plus one`() throws {
        func pairs(_ count: Int, _ value: String = "v") -> [UInt8] {
            WireBuilder.encode(
                OutgoingRequest(
                    service: "", method: "", payload: SecretBytes(),
                    metadata: (0..<count).map { _ in MetadataPair(key: "k", value: value) }))
        }
        #expect(try metadata(pairs(64)).count == 64)
        #expect(throws: EnvelopeError.tooManyMetadataPairs) { _ = try metadata(pairs(65)) }
        // Key field 3 bytes, value field 3 bytes and the value.
        let fits = String(repeating: "x", count: 8192 - 6)
        #expect(try metadata(pairs(1, fits)).value("k") == fits)
        #expect(throws: EnvelopeError.metadataTooLong) { _ = try metadata(pairs(1, fits + "x")) }
    }

    @Test
    func `The first value of a repeated metadata key is returned, and all are counted`() throws {
        let request = OutgoingRequest(
            service: "", method: "", payload: SecretBytes(),
            metadata: [
                MetadataPair(key: "Authorization", value: "1"),
                MetadataPair(key: "authorization", value: "2"),
            ])
        let metadata = try metadata(WireBuilder.encode(request))
        #expect(metadata.value("authorization") == "1")
        #expect(metadata.count(of: "authorization") == 2)
    }

    @Test(arguments: 0..<20)
    func `Damaged envelopes are refused or decoded without exceeding their size`(seed: UInt64)
        throws
    {
        var random = SeededRandom(seed: seed)
        let original = try #require(Hex.decode(requestHex))
        let answer = try #require(Hex.decode(statusHex))
        for _ in 0..<500 {
            var damaged = original
            var damagedAnswer = answer
            for _ in 0..<Int.random(in: 1...5, using: &random) {
                let place = Int.random(in: 0..<damaged.count, using: &random)
                damaged[place] = UInt8.random(in: 0...255, using: &random)
                damagedAnswer[place % answer.count] = damaged[place]
            }
            let result = try? metadata(damaged)
            #expect((result?.count ?? 0) <= damaged.count / 2)
            _ = result?.value("authorization")
            let payload = try? decodeRequest(damaged) { $0.payload.count }
            #expect((payload ?? 0) <= damaged.count)
            damagedAnswer.withUnsafeBytes { bytes in
                let response = try? ResponseEnvelope(decoding: bytes)
                #expect((response?.status?.details.count ?? 0) <= bytes.count / 2)
            }
        }
    }
}
