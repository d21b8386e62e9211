/// Cuts a stream of bytes into frames. No I/O.
///
/// Complete frames are returned in place in the input, without a copy. Only an unfinished
/// frame's bytes are kept, in storage that grows with what has arrived, not with what a header
/// promises. Limits are checked on the header, before any of the data is kept.
package struct FrameDecoder: ~Copyable {
    /// What was found in the input.
    package enum Event {
        /// The input is used up.
        case needMore
        /// A complete frame; the data is valid until the next call or the end of the input.
        case frame(FrameHeader, UnsafeRawBufferPointer)
        /// A frame longer than `dataBytesMax`, reported once when its header is complete; its data
        /// is skipped by the following calls.
        case tooLarge(FrameHeader)
        /// A frame longer than `frameBytesMax`: the connection has to be closed. Sticky.
        case violation(FrameHeader)
    }

    private let frameBytesMax: Int
    private let dataBytesMax: Int
    @usableFromInline var partial = ByteQueue()
    /// The partial frame was returned and is dropped at the next call.
    @usableFromInline var isPartialSpent = false
    /// Bytes of an oversized frame that are still to be skipped.
    @usableFromInline var skipCount = 0
    private var violation: FrameHeader?

    /// - Parameters:
    ///   - frameBytesMax: longer data ends the connection.
    ///   - dataBytesMax: longer data is skipped; at most `frameBytesMax`.
    package init(frameBytesMax: Int, dataBytesMax: Int) {
        precondition(dataBytesMax <= frameBytesMax, "the smaller limit must be the request's")
        self.frameBytesMax = frameBytesMax
        self.dataBytesMax = dataBytesMax
    }

    /// Whether a frame has begun and not ended: the peer owes its rest.
    @inlinable package var isInsideFrame: Bool {
        skipCount > 0 || (!partial.isEmpty && !isPartialSpent)
    }

    /// Bytes kept for an unfinished frame.
    package var keptByteCount: Int { partial.count }

    /// Takes the next event from `input` and moves its start past what was used.
    package mutating func next(_ input: inout UnsafeRawBufferPointer) -> Event {
        if isPartialSpent {
            partial.reset()
            isPartialSpent = false
        }
        if let violation { return .violation(violation) }
        if skipCount > 0 {
            let count = min(skipCount, input.count)
            skipCount -= count
            input = input.dropping(count)
        }
        if input.isEmpty { return .needMore }
        return partial.isEmpty ? nextWhole(&input) : nextPartial(&input)
    }

    private mutating func nextWhole(_ input: inout UnsafeRawBufferPointer) -> Event {
        guard input.count >= FrameHeader.byteCount else {
            keep(&input, input.count)
            return .needMore
        }
        let header = FrameHeader(reading: input)
        if let refusal = refusal(of: header) {
            input = input.dropping(FrameHeader.byteCount)
            return refusal
        }
        let count = FrameHeader.byteCount + Int(header.length)
        guard input.count >= count else {
            keep(&input, input.count)
            return .needMore
        }
        let data = UnsafeRawBufferPointer(rebasing: input[FrameHeader.byteCount..<count])
        input = input.dropping(count)
        return .frame(header, data)
    }

    private mutating func nextPartial(_ input: inout UnsafeRawBufferPointer) -> Event {
        if partial.count < FrameHeader.byteCount {
            keep(&input, min(FrameHeader.byteCount - partial.count, input.count))
            guard partial.count == FrameHeader.byteCount else { return .needMore }
            if let refusal = refusal(of: FrameHeader(reading: partial.bytes)) {
                partial.reset()
                return refusal
            }
        }
        let header = FrameHeader(reading: partial.bytes)
        let count = FrameHeader.byteCount + Int(header.length)
        keep(&input, min(count - partial.count, input.count))
        guard partial.count == count else { return .needMore }
        isPartialSpent = true
        return .frame(header, partial.bytes.dropping(FrameHeader.byteCount))
    }

    private mutating func keep(_ input: inout UnsafeRawBufferPointer, _ count: Int) {
        partial.append(UnsafeRawBufferPointer(rebasing: input[0..<count]))
        input = input.dropping(count)
    }

    private mutating func refusal(of header: FrameHeader) -> Event? {
        let length = Int(header.length)
        if length > frameBytesMax {
            violation = header
            return .violation(header)
        }
        guard length > dataBytesMax else { return nil }
        skipCount = length
        return .tooLarge(header)
    }
}

extension UnsafeRawBufferPointer {
    /// All but the first `count` bytes.
    func dropping(_ count: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: self[count...])
    }
}
