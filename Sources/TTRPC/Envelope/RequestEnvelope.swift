import Bytes

/// A decoded `Request`: views into the frame it was decoded from, valid as long as the frame is.
///
/// `Request { string service = 1; string method = 2; bytes payload = 3; int64 timeout_nano = 4;
/// repeated KeyValue metadata = 5;
/// }`. Unknown
/// fields are skipped; if a single field is repeated, the last one counts, as in protobuf.
package struct RequestEnvelope {
    static let metadataField: UInt32 = 5

    /// Not checked to be UTF-8: the router compares bytes, and what it finds is UTF-8.
    package private(set) var service = UnsafeRawBufferPointer(start: nil, count: 0)
    /// As `service`.
    package private(set) var method = UnsafeRawBufferPointer(start: nil, count: 0)
    package private(set) var payload = UnsafeRawBufferPointer(start: nil, count: 0)
    /// The caller's time limit; 0 for none, negative when it had passed before the call was sent.
    package private(set) var timeoutNanoseconds: Int64 = 0
    /// How many metadata entries there are, checked only by `metadata(limits:)`.
    package private(set) var metadataPairCount = 0
    private var metadataByteCount = 0
    private let message: UnsafeRawBufferPointer

    /// Decodes `message`, the data of a request frame.
    ///
    /// - Throws: `EnvelopeError.malformed`.
    package init(decoding message: UnsafeRawBufferPointer) throws(EnvelopeError) {
        self.message = message
        var reader = WireReader(message)
        while !reader.isAtEnd {
            let (number, type) = try reader.field()
            switch number {
            case 1: service = try reader.bytes(type)
            case 2: method = try reader.bytes(type)
            case 3: payload = try reader.bytes(type)
            case 4: timeoutNanoseconds = Int64(bitPattern: try reader.number(type))
            case RequestEnvelope.metadataField:
                metadataByteCount += try reader.bytes(type).count
                metadataPairCount += 1
            default: try reader.skip(type)
            }
        }
    }

    /// The metadata, checked and copied.
    ///
    /// - Throws: `EnvelopeError`, for a pair that is not one, text that is not UTF-8, or a limit.
    package func metadata(limits: EnvelopeLimits) throws(EnvelopeError) -> CallMetadata {
        guard metadataPairCount > 0 else { return CallMetadata() }
        return try CallMetadata(
            readingEnvelope: message, byteCount: metadataByteCount, pairCount: metadataPairCount,
            limits: limits)
    }

    /// Whether service and method are UTF-8, as protobuf requires of a `string`.
    package var isTextValid: Bool {
        UTF8Validation.isValid(service) && UTF8Validation.isValid(method)
    }
}
