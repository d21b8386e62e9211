/// Checks UTF-8 without making a `String`, which would leave a copy that can't be wiped.
package enum UTF8Validation {
    /// Whether `bytes` are well-formed UTF-8 (Unicode 15, table 3-7): no overlong forms, no
    /// surrogates, nothing above U+10FFFF.
    package static func isValid(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var index = 0
        while index < bytes.count {
            if bytes.count - index >= 8,
                bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                    & 0x8080_8080_8080_8080 == 0
            {
                index += 8
                continue
            }
            let first = bytes[index]
            if first < 0x80 {
                index += 1
                continue
            }
            guard let (length, second) = sequence(startingWith: first),
                bytes.count - index >= length, second.contains(bytes[index + 1])
            else { return false }
            for offset in 2..<max(length, 2) where bytes[index + offset] & 0xc0 != 0x80 {
                return false
            }
            index += length
        }
        return true
    }

    /// The text that `bytes` are, or nil when they are not UTF-8. The standard library's function
    /// for this is far slower for the short texts of rows and messages.
    package static func text(_ bytes: UnsafeRawBufferPointer) -> String? {
        isValid(bytes) ? String(decoding: bytes, as: UTF8.self) : nil
    }

    /// The length of a sequence and what its second byte may be.
    private static func sequence(startingWith first: UInt8) -> (Int, ClosedRange<UInt8>)? {
        switch first {
        case 0xc2...0xdf: (2, 0x80...0xbf)
        case 0xe0: (3, 0xa0...0xbf)
        case 0xe1...0xec, 0xee...0xef: (3, 0x80...0xbf)
        case 0xed: (3, 0x80...0x9f)
        case 0xf0: (4, 0x90...0xbf)
        case 0xf1...0xf3: (4, 0x80...0xbf)
        case 0xf4: (4, 0x80...0x8f)
        default: nil
        }
    }
}
