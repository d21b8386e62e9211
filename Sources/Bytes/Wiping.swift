import Glibc

/// Overwrites `bytes` with zeros; the compiler may not remove it (`explicit_bzero(3)`).
package func wipe(_ bytes: UnsafeMutableRawBufferPointer) {
    guard let start = bytes.baseAddress else { return }
    explicit_bzero(start, bytes.count)
}

/// Overwrites the elements of `array` with zeros, in place if nobody else holds them.
package func wipe(_ array: inout [UInt8]) {
    array.withUnsafeMutableBytes { wipe($0) }
}

/// Whether two byte strings are equal, in time that depends only on their counts.
///
/// Every byte is read and the differences are collected with `|`, so no branch and no early exit
/// depends on the content. Not inlined, so that no caller's knowledge of one side shortens it.
@inline(never)
package func constantTimeEqual(
    _ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer
) -> Bool {
    guard left.count == right.count else { return false }
    var difference: UInt8 = 0
    for index in left.indices {
        difference |= left[index] ^ right[index]
    }
    return difference == 0
}

/// Whether two byte strings are equal, in time that depends only on their counts.
package func constantTimeEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    left.withUnsafeBytes { left in right.withUnsafeBytes { constantTimeEqual(left, $0) } }
}
