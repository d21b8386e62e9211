import TestSupport
import Testing

@testable import TTRPC

struct FrameDecoderTests {
    /// Small limits: more than 64 closes, more than 20 is read past.
    private func decoder() -> FrameDecoder { FrameDecoder(frameBytesMax: 64, dataBytesMax: 20) }

    private let stream: [UInt8] =
        WireBuilder.frame([1, 2, 3], id: 1)
        + WireBuilder.frame([], id: 3)
        + WireBuilder.frame([UInt8](repeating: 9, count: 20), id: 5)
        + WireBuilder.frame([UInt8](repeating: 8, count: 21), id: 7)
        + WireBuilder.frame([7], id: 2, type: MessageType(rawValue: 99))
        + WireBuilder.frame([UInt8](repeating: 6, count: 64), id: 9)
        + WireBuilder.frame([5], id: 11)

    private let expected: [DecodedEvent] = [
        .frame(id: 1, type: 1, data: [1, 2, 3]),
        .frame(id: 3, type: 1, data: []),
        .frame(id: 5, type: 1, data: [UInt8](repeating: 9, count: 20)),
        .tooLarge(id: 7, length: 21),
        .frame(id: 2, type: 99, data: [7]),
        .tooLarge(id: 9, length: 64),
        .frame(id: 11, type: 1, data: [5]),
    ]

    @Test
    func `A stream split at every byte decodes to the same frames`() {
        for split in 0...stream.count {
            var decoder = decoder()
            let events = DecodedEvent.decode(
                [stream[..<split], stream[split...]], with: &decoder)
            #expect(events == expected, "split at \(split)")
            let isInsideFrame = decoder.isInsideFrame
            #expect(!isInsideFrame)
        }
    }

    @Test
    func `A stream split at any two positions decodes to the same frames`() {
        for first in 0...stream.count {
            for second in first...stream.count {
                var decoder = decoder()
                let events = DecodedEvent.decode(
                    [stream[..<first], stream[first..<second], stream[second...]],
                    with: &decoder)
                #expect(events == expected, "split at \(first) and \(second)")
            }
        }
    }

    @Test
    func `A stream of single bytes decodes to the same frames`() {
        var decoder = decoder()
        let chunks = stream.indices.map { stream[$0...$0] }
        #expect(DecodedEvent.decode(chunks, with: &decoder) == expected)
        let isInsideFrame = decoder.isInsideFrame
        #expect(!isInsideFrame)
    }

    @Test
    func `A truncated stream is recognised as ending inside a frame`() {
        var whole: Set<Int> = [0]
        var end = 0
        for length in [3, 0, 20, 21, 1, 64, 1] {
            end += FrameHeader.byteCount + length
            whole.insert(end)
        }
        for count in 0...stream.count {
            var decoder = decoder()
            _ = DecodedEvent.decode([stream[..<count]], with: &decoder)
            let isInsideFrame = decoder.isInsideFrame
            #expect(isInsideFrame == !whole.contains(count), "cut at \(count)")
        }
    }

    @Test
    func `The protocol's limits hold at n and n plus one`() {
        let mebibytes4: UInt32 = 4 * 1024 * 1024
        func first(_ length: UInt32) -> [DecodedEvent] {
            let limits = ServerLimits()
            var decoder = FrameDecoder(
                frameBytesMax: limits.frameBytesMax, dataBytesMax: limits.requestBytesMax)
            let head = WireBuilder.frame([], id: 1, length: length)
            let events = DecodedEvent.decode([head[...]], with: &decoder)
            let keptByteCount = decoder.keptByteCount
            #expect(keptByteCount <= FrameHeader.byteCount)
            return events
        }
        #expect(first(65536).isEmpty)
        #expect(first(65537) == [.tooLarge(id: 1, length: 65537)])
        #expect(first(mebibytes4) == [.tooLarge(id: 1, length: mebibytes4)])
        #expect(first(mebibytes4 + 1) == [.violation(length: mebibytes4 + 1)])
        #expect(first(.max) == [.violation(length: .max)])
    }

    @Test
    func `A frame of exactly the request limit is decoded`() {
        var decoder = FrameDecoder(frameBytesMax: 4 << 20, dataBytesMax: 65536)
        let data = (0..<65536).map { UInt8(truncatingIfNeeded: $0) }
        let bytes = WireBuilder.frame(data, id: 1)
        let events = DecodedEvent.decode(
            [bytes[..<30000], bytes[30000..<65000], bytes[65000...]], with: &decoder)
        #expect(events == [.frame(id: 1, type: 1, data: data)])
    }

    @Test
    func `After a violation the decoder reports it for all further input`() {
        var decoder = decoder()
        let bad = WireBuilder.frame([], id: 1, length: 65)
        let good = WireBuilder.frame([1], id: 3)
        let events = DecodedEvent.decode([bad[...], good[...]], with: &decoder)
        #expect(events == [.violation(length: 65), .violation(length: 65)])
    }

    @Test
    func `The decoder buffers only the bytes received, not the announced length`() {
        var decoder = FrameDecoder(frameBytesMax: 4 << 20, dataBytesMax: 4 << 20)
        let head = WireBuilder.frame([1, 2], id: 1, length: 4 << 20)
        _ = DecodedEvent.decode([head[...]], with: &decoder)
        let keptByteCount = decoder.keptByteCount
        #expect(keptByteCount == 12)
    }

    @Test(arguments: 0..<20)
    func `Damaged streams decode to no more frames than their bytes allow`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<200 {
            var damaged = stream
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let place = Int.random(in: 0..<damaged.count, using: &random)
                damaged[place] = UInt8.random(in: 0...255, using: &random)
            }
            let cut = Int.random(in: 0...damaged.count, using: &random)
            var split = decoder()
            var whole = decoder()
            let events = DecodedEvent.decode([damaged[..<cut], damaged[cut...]], with: &split)
            let expected = DecodedEvent.decode([damaged[...]], with: &whole)
            let isViolated = expected.contains { event in
                if case .violation = event { true } else { false }
            }
            // A violation is repeated for each chunk that follows.
            if !isViolated { #expect(events == expected) }
            #expect(events.count <= damaged.count / FrameHeader.byteCount + 2)
            let keptByteCount = split.keptByteCount
            #expect(keptByteCount <= 64 + FrameHeader.byteCount)
        }
    }
}
