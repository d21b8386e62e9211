import Storage
import Synchronization

extension ETag {
    /// The text of a stored version: 16 lower-case hexadecimal digits.
    init(stored version: Int64) {
        let number = UInt64(bitPattern: version)
        self.init(
            String(unsafeUninitializedCapacity: 16) { digits in
                for index in 0..<16 {
                    let digit = UInt8(truncatingIfNeeded: number >> (60 - 4 * index)) & 0xF
                    digits[index] =
                        digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
                }
                return 16
            })
    }

    /// The stored version, or nil for a text that this store can't have made; no entity has it.
    var storedVersion: Int64? {
        // Each version has only one text: no capitals, signs or missing zeros.
        guard text.utf8.count == 16 else { return nil }
        var version: UInt64 = 0
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                version = version << 4 | UInt64(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"):
                version = version << 4 | UInt64(byte - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
        return Int64(bitPattern: version)
    }

    /// A version that no entity has or had: the numbers starting from a random one, so that none
    /// repeats across a delete and a new insert, and none meets those of another process, or of a
    /// time that a restored backup does not know, except with a chance of some millions in 2^64.
    static func newVersion() -> Int64 {
        Int64(bitPattern: lastVersion.add(1, ordering: .relaxed).newValue)
    }

    private static let lastVersion = Atomic(UInt64.random(in: 0...UInt64.max))
}
