import Storage

extension ETag {
    /// The text of a stored version: 16 lower-case hexadecimal digits.
    init(stored version: Int64) {
        let digits = String(UInt64(bitPattern: version), radix: 16)
        self.init(String(repeating: "0", count: 16 - digits.count) + digits)
    }

    /// The stored version, or nil for a text that this store can't have made; no entity has it.
    var storedVersion: Int64? {
        guard let version = UInt64(text, radix: 16) else { return nil }
        let stored = Int64(bitPattern: version)
        // Only one text names a version: no capitals, signs or missing zeros.
        return ETag(stored: stored) == self ? stored : nil
    }

    /// A version that no entity has or had: 64 random bits, so that it does not repeat across a
    /// delete and a new insert, nor between processes that know nothing of each other.
    static func randomVersion() -> Int64 {
        var generator = SystemRandomNumberGenerator()
        return Int64(bitPattern: generator.next())
    }
}
