import Storage
import TestSupport
import Testing

@testable import SQLiteStore

struct PropertyCodecTests {
    private func decode(_ bytes: [UInt8]) throws(PropertyCodecError) -> EntityProperties {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        defer { copy.deallocate() }
        copy.copyBytes(from: bytes)
        return try PropertyCodec.decode(UnsafeRawBufferPointer(copy))
    }

    private static let every: EntityProperties = [
        "a": .string("é\u{1F600}"), "b": .boolean(true), "c": .boolean(false),
        "d": .int64(.min), "e": .binary([0, 255]), "f": .timestamp(Timestamp(microseconds: -1)),
        "g": .string(""), "i_1": .double(-0.1), "_": .double(.infinity),
        "h": .binary(Array(repeating: 1, count: 300)),
    ]

    @Test
    func `The encoding is the documented one and deterministic`() {
        let properties: EntityProperties = [
            "b": .int64(258), "a": .string("xy"), "c": .boolean(true),
        ]
        let expected: [UInt8] = [
            1, 3, 1, 0x61, 1, 2, 0x78, 0x79, 1, 0x62, 4, 0, 0, 0, 0, 0, 0, 1, 2, 1, 0x63, 3,
        ]
        for _ in 0..<20 { #expect(PropertyCodec.encode(properties) == expected) }
        #expect(PropertyCodec.encode([:]) == [1, 0])
    }

    @Test
    func `Every value survives a round trip, at every length where the length field grows`() throws
    {
        #expect(try decode(PropertyCodec.encode(Self.every)) == Self.every)
        for count in [0, 1, 127, 128, 129, 16_383, 16_384, 16_385, 65_536] {
            let properties: EntityProperties = ["v": .binary(Array(repeating: 9, count: count))]
            #expect(try decode(PropertyCodec.encode(properties)) == properties)
        }
        let text = String(repeating: "\u{FFFD}", count: 32_768)
        let widest: EntityProperties = ["v": .string(text)]
        #expect(try decode(PropertyCodec.encode(widest)) == widest)
    }

    @Test
    func `Every truncation and a trailing byte are refused`() {
        let bytes = PropertyCodec.encode(Self.every)
        for count in bytes.indices {
            #expect(throws: PropertyCodecError.truncated) { try decode(Array(bytes[..<count])) }
        }
        #expect(throws: PropertyCodecError.trailingBytes) { try decode(bytes + [0]) }
    }

    @Test(
        arguments: [
            ([0, 0], PropertyCodecError.wrongVersion), ([2, 0], .wrongVersion),
            ([1, 253], .tooManyProperties), ([1, 1, 0, 2], .badName),
            ([1, 1, 1, 0x31, 2], .badName), ([1, 1, 1, 0xFF, 2], .badName),
            ([1, 2, 1, 0x61, 2, 1, 0x61, 2], .namesNotAscending),
            ([1, 2, 1, 0x62, 2, 1, 0x61, 2], .namesNotAscending),
            ([1, 1, 1, 0x61, 0], .badType), ([1, 1, 1, 0x61, 8], .badType),
            ([1, 1, 1, 0x61, 1, 0x81, 0x00, 0x78], .badLength),
            ([1, 1, 1, 0x61, 5, 0xFF, 0xFF, 0xFF], .badLength),
            ([1, 1, 1, 0x61, 5, 0x81, 0x80, 0x06], .badLength),
            ([1, 1, 1, 0x61, 5, 0x80, 0x80, 0x06], .truncated),
            ([1, 1, 1, 0x61, 1, 2, 0xC3, 0x28], .badText),
            ([1, 1, 1, 0x61, 1, 2, 0xC0, 0x80], .badText),
            ([1, 1, 1, 0x61, 1, 3, 0xED, 0xA0, 0x80], .badText),
            ([1, 1, 1, 0x61, 6, 0x7F] + Array(repeating: 0xFF, count: 7), .badTimestamp),
            ([1, 1, 1, 0x61, 6, 0x80] + Array(repeating: 0, count: 7), .badTimestamp),
        ] as [([UInt8], PropertyCodecError)])
    func `An encoding that the encoder cannot produce is refused`(
        _ bytes: [UInt8], _ expected: PropertyCodecError
    ) {
        #expect(throws: expected) { try decode(bytes) }
    }

    @Test
    func `Damaged bytes that decode encode to the same bytes again`() {
        var generator = SeededRandom(seed: 1)
        let intact = PropertyCodec.encode(Self.every)
        var accepted = 0
        for _ in 0..<30_000 {
            var bytes = intact
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let place = Int.random(in: bytes.indices, using: &generator)
                switch generator.next() % 3 {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes.remove(at: place)
                default: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: place)
                }
            }
            guard let properties = try? decode(bytes) else { continue }
            accepted += 1
            #expect(PropertyCodec.encode(properties) == bytes)
        }
        #expect(accepted > 0)
    }
}
