package import Bytes

/// The metadata of one call, checked, and read on demand.
///
/// Kept as received in one `SecretBytes`, because it may contain a token: a copy that is wiped.
package struct CallMetadata: Sendable {
    /// `KeyValue` messages, each preceded by its length; valid, because `init` checks. Nil for
    /// none.
    private let encoded: SecretBytes?
    /// How many pairs there are.
    package let count: Int

    /// No metadata.
    package init() {
        encoded = nil
        count = 0
    }

    /// The pairs of the envelope `message`.
    ///
    /// - Throws: `EnvelopeError`; the limits are those of `limits`.
    init(
        readingEnvelope message: UnsafeRawBufferPointer, byteCount: Int, pairCount: Int,
        limits: EnvelopeLimits
    ) throws(EnvelopeError) {
        guard pairCount <= limits.metadataPairsMax else { throw .tooManyMetadataPairs }
        guard byteCount <= limits.metadataBytesMax else { throw .metadataTooLong }
        let encodedCount = try CallMetadata.forEachEntry(ofEnvelope: message) {
            entry throws(EnvelopeError) in
            let pair = try CallMetadata.pair(entry)
            guard UTF8Validation.isValid(pair.key), UTF8Validation.isValid(pair.value) else {
                throw .invalidText
            }
            return WireWriter.varintByteCount(UInt64(entry.count)) + entry.count
        }
        count = pairCount
        encoded = try SecretBytes(count: encodedCount) { room throws(EnvelopeError) in
            var writer = WireWriter(room)
            _ = try CallMetadata.forEachEntry(ofEnvelope: message) { entry in
                writer.varint(UInt64(entry.count))
                writer.raw(entry)
                return 0
            }
            writer.finish()
        }
    }

    /// The first value of `key`, compared without regard to ASCII case; nil when there is none.
    package func value(_ key: StaticString) -> String? {
        withValue(key) { String(decoding: $0, as: UTF8.self) }
    }

    /// As `value(_:)`, for values that are secret.
    package func secret(_ key: StaticString) -> SecretBytes? {
        withValue(key) { SecretBytes(copying: $0) }
    }

    /// How many values `key` has.
    package func count(of key: StaticString) -> Int {
        var found = 0
        visit { candidate, _ in
            if CallMetadata.matches(candidate, key) { found += 1 }
            return true
        }
        return found
    }

    /// Calls `body` with the first value of `key`, valid for the call only.
    package func withValue<Result>(
        _ key: StaticString, _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result? {
        var result: Result?
        visit { candidate, value in
            guard CallMetadata.matches(candidate, key) else { return true }
            result = body(value)
            return false
        }
        return result
    }

    /// Calls `body` with each pair until it returns false.
    private func visit(_ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Bool) {
        encoded?.withUnsafeBytes { bytes in
            var reader = WireReader(bytes)
            while !reader.isAtEnd {
                guard let entry = try? reader.bytes(.bytes),
                    let pair = try? CallMetadata.pair(entry)
                else { preconditionFailure("metadata that was valid is not") }
                guard body(pair.key, pair.value) else { return }
            }
        }
    }

    private static func matches(_ bytes: UnsafeRawBufferPointer, _ key: StaticString) -> Bool {
        guard bytes.count == key.utf8CodeUnitCount else { return false }
        for index in bytes.indices {
            var byte = bytes[index]
            if (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) { byte |= 0x20 }
            guard byte == key.utf8Start[index] else { return false }
        }
        return true
    }

    /// The sum of what `body` returns for each metadata entry of an envelope.
    private static func forEachEntry(
        ofEnvelope message: UnsafeRawBufferPointer,
        _ body: (UnsafeRawBufferPointer) throws(EnvelopeError) -> Int
    ) throws(EnvelopeError) -> Int {
        var sum = 0
        var reader = WireReader(message)
        while !reader.isAtEnd {
            let (number, type) = try reader.field()
            if number == RequestEnvelope.metadataField {
                sum += try body(reader.bytes(type))
            } else {
                try reader.skip(type)
            }
        }
        return sum
    }

    private static func pair(
        _ entry: UnsafeRawBufferPointer
    ) throws(EnvelopeError) -> (key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
        var key = UnsafeRawBufferPointer(start: nil, count: 0)
        var value = UnsafeRawBufferPointer(start: nil, count: 0)
        var reader = WireReader(entry)
        while !reader.isAtEnd {
            let (number, type) = try reader.field()
            switch number {
            case 1: key = try reader.bytes(type)
            case 2: value = try reader.bytes(type)
            default: try reader.skip(type)
            }
        }
        return (key, value)
    }
}
