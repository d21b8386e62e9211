import Bytes
import Cryptography
import Synchronization

/// Names for accounts, sessions and tokens that nobody can guess and that reveal nothing.
enum RandomIdentifier {
    /// Random bytes for the next identifiers: a call to OpenSSL's generator costs as much for one
    /// as for many. What they become is public, so they need not be wiped.
    private struct Pool {
        /// Half a KiB: with that, the call is the smaller part of an identifier's cost.
        static let identifierCount = 32

        private var bytes: [UInt8] = []
        private var used = 0

        mutating func next() -> String {
            if used == bytes.count {
                bytes = SecureRandom.bytes(Pool.identifierCount * byteCount)
                used = 0
            }
            defer { used += byteCount }
            return bytes.withUnsafeBytes { bytes in
                let taken = bytes[used..<used + byteCount]
                return Base32.encodeLowercased(UnsafeRawBufferPointer(rebasing: taken))
            }
        }
    }

    private static let byteCount = 16
    private static let pool = Mutex(Pool())

    /// 128 random bits as 26 lower-case base32 characters: suitable for store keys, URLs and logs.
    static func make() -> String {
        pool.withLock { $0.next() }
    }

    /// Whether `text` has the form of an identifier; says nothing about what it names.
    static func isValid(_ text: String) -> Bool {
        text.utf8.count == 26
            && text.utf8.allSatisfy {
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                    || (UInt8(ascii: "2")...UInt8(ascii: "7")).contains($0)
            }
    }
}
