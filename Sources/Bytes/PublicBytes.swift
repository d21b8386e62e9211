import Glibc

/// Whether two byte strings are equal, as fast as can be: it stops at the first difference, so not
/// for secrets, which `constantTimeEqual` compares.
package func haveSameBytes(
    _ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer
) -> Bool {
    guard left.count == right.count else { return false }
    guard let leftStart = left.baseAddress, let rightStart = right.baseAddress else { return true }
    return memcmp(leftStart, rightStart, left.count) == 0
}

extension UnsafeRawBufferPointer {
    /// Where `byte` first occurs at or after `start`, counted from the beginning; nil when it does
    /// not. Not for secrets.
    package func offset(of byte: UInt8, from start: Int) -> Int? {
        guard start < count, let base = baseAddress,
            let place = memchr(base + start, Int32(byte), count - start)
        else { return nil }
        return UnsafeRawPointer(place) - base
    }
}
