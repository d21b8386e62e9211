import Storage

/// The stored form of an entity's properties: one byte string, the same for equal properties.
///
/// Shape: version (u8, 1), count (u8), then each property in ascending byte order of its name:
/// name length (u8), name, type (u8), value. Values: `string` and `binary` have a length
/// (LEB128, shortest form) and their bytes (UTF-8, never normalized); `false` and `true` are types
/// without a value; `int64`, `timestamp` (microseconds since 1970) and `double` (IEEE 754) are 8
/// bytes, big endian.
enum PropertyCodec {
    /// The types as stored. Numbers are never reused for another meaning.
    enum TypeTag: UInt8 {
        case string = 1
        case no = 2
        case yes = 3
        case int64 = 4
        case binary = 5
        case timestamp = 6
        case double = 7
    }

    static let version: UInt8 = 1

    /// Encodes properties that `EntityLimits` has accepted.
    static func encode(_ properties: EntityProperties) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(properties.reduce(2) { $0 + $1.name.utf8.count + 32 })
        bytes.append(version)
        bytes.append(UInt8(properties.count))
        // Names are ASCII, so the order of strings is the order of their bytes.
        for (name, value) in properties {
            bytes.append(UInt8(name.utf8.count))
            bytes.append(contentsOf: name.utf8)
            append(value, to: &bytes)
        }
        return bytes
    }

    /// Reads what `encode` made, and nothing else.
    ///
    /// - Throws: `PropertyCodecError` for anything that `encode` could not have made.
    static func decode(
        _ bytes: UnsafeRawBufferPointer
    ) throws(PropertyCodecError) -> EntityProperties {
        var decoder = PropertyDecoder(bytes)
        return try decoder.properties()
    }

    private static func append(_ value: EntityProperty, to bytes: inout [UInt8]) {
        switch value {
        case .string(let text):
            bytes.append(TypeTag.string.rawValue)
            appendLength(text.utf8.count, to: &bytes)
            bytes.append(contentsOf: text.utf8)
        case .boolean(let value):
            bytes.append((value ? TypeTag.yes : TypeTag.no).rawValue)
        case .int64(let number):
            bytes.append(TypeTag.int64.rawValue)
            append(number, to: &bytes)
        case .double(let number):
            bytes.append(TypeTag.double.rawValue)
            append(Int64(bitPattern: number.bitPattern), to: &bytes)
        case .binary(let value):
            bytes.append(TypeTag.binary.rawValue)
            appendLength(value.count, to: &bytes)
            bytes.append(contentsOf: value)
        case .timestamp(let moment):
            bytes.append(TypeTag.timestamp.rawValue)
            append(moment.microseconds, to: &bytes)
        }
    }

    private static func append(_ number: Int64, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
    }

    private static func appendLength(_ length: Int, to bytes: inout [UInt8]) {
        var rest = length
        while rest > 0x7F {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
