import Bytes
import Storage

/// A strict cursor over the stored form of properties (see `PropertyCodec`).
///
/// Every read goes through `take`, the one place that checks the bounds.
struct PropertyDecoder {
    /// A string of 32 Ki UTF-16 units has at most three bytes of UTF-8 for each.
    private static let valueBytesMax = EntityLimits.valueBytesMax / 2 * 3

    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    /// Reads from `bytes`, which have to stay valid for as long as the decoder is used.
    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    mutating func properties() throws(PropertyCodecError) -> EntityProperties {
        guard try byte() == PropertyCodec.version else { throw .wrongVersion }
        let count = Int(try byte())
        guard count <= EntityLimits.propertiesMax else { throw .tooManyProperties }
        var properties = EntityProperties()
        properties.reserveCapacity(count)
        for _ in 0..<count {
            let (name, value) = (try name(), try value())
            guard properties.append(name, value) else { throw .namesNotAscending }
        }
        guard position == bytes.count else { throw .trailingBytes }
        return properties
    }

    private mutating func name() throws(PropertyCodecError) -> String {
        let name = UnsafeRawBufferPointer(rebasing: try take(Int(try byte())))
        return try name.withMemoryRebound(to: UInt8.self) { name throws(PropertyCodecError) in
            guard EntityLimits.isName(name) else { throw .badName }
            return String(decoding: name, as: UTF8.self)
        }
    }

    private mutating func value() throws(PropertyCodecError) -> EntityProperty {
        guard let tag = PropertyCodec.TypeTag(rawValue: try byte()) else { throw .badType }
        switch tag {
        case .string: return .string(try text(count: try length()))
        case .no: return .boolean(false)
        case .yes: return .boolean(true)
        case .int64: return .int64(try int64())
        case .double: return .double(Double(bitPattern: UInt64(bitPattern: try int64())))
        case .binary: return .binary(Array(try take(try length())))
        case .timestamp: return .timestamp(try timestamp())
        }
    }

    /// A moment that can be stored, with which sums of moments and durations don't overflow.
    private mutating func timestamp() throws(PropertyCodecError) -> Timestamp {
        let moment = Timestamp(microseconds: try int64())
        guard EntityLimits.timestamps.contains(moment) else { throw .badTimestamp }
        return moment
    }

    private mutating func text(count: Int) throws(PropertyCodecError) -> String {
        let slice = UnsafeRawBufferPointer(rebasing: try take(count))
        guard let text = UTF8Validation.text(slice) else { throw .badText }
        return text
    }

    private mutating func length() throws(PropertyCodecError) -> Int {
        var length = 0
        for shift in stride(from: 0, through: 14, by: 7) {
            let next = try byte()
            length |= Int(next & 0x7F) << shift
            guard next & 0x80 == 0 else { continue }
            // A zero last byte would be a second way to write a shorter length.
            guard next != 0 || shift == 0, length <= Self.valueBytesMax else { throw .badLength }
            return length
        }
        throw .badLength
    }

    private mutating func int64() throws(PropertyCodecError) -> Int64 {
        Int64(bigEndian: try take(8).loadUnaligned(as: Int64.self))
    }

    private mutating func byte() throws(PropertyCodecError) -> UInt8 {
        try take(1).loadUnaligned(as: UInt8.self)
    }

    private mutating func take(_ count: Int) throws(PropertyCodecError) -> Slice<
        UnsafeRawBufferPointer
    > {
        guard count <= bytes.count - position else { throw .truncated }
        defer { position += count }
        return bytes[position..<position + count]
    }
}
