/// Whether `bytes` are well-formed UTF-8 (RFC 3629).
func isUTF8(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var index = 0
    while index + 8 <= bytes.count {
        let word = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
        guard word & 0x8080_8080_8080_8080 == 0 else { break }
        index += 8
    }
    let rest = UnsafeRawBufferPointer(rebasing: bytes[index...])
    return String(validating: rest, as: UTF8.self) != nil
}
