/// Follows the records in a stream of ciphertext by their headers (RFC 8446 §5.1: type, version,
/// length u16be), to know whether one is incomplete. OpenSSL does not tell: with a header
/// and nothing after it, `SSL_has_pending` says that nothing is there.
struct TLSRecordBoundary {
    private static let headerByteCount = 5

    /// How many bytes of the header have passed.
    private var headerCount = 0
    private var length = 0
    private var bodyLeft = 0

    /// Whether the other side owes the rest of a record.
    var isInside: Bool { headerCount > 0 || bodyLeft > 0 }

    /// Processes ciphertext.
    mutating func pass(_ bytes: UnsafeRawBufferPointer) {
        var index = 0
        while index < bytes.count {
            if bodyLeft > 0 {
                let step = min(bodyLeft, bytes.count - index)
                bodyLeft -= step
                index += step
                continue
            }
            // The length is in the last two bytes of the header.
            length = (length << 8 | Int(bytes[index])) & 0xffff
            headerCount += 1
            index += 1
            if headerCount == TLSRecordBoundary.headerByteCount {
                bodyLeft = length
                headerCount = 0
            }
        }
    }
}
