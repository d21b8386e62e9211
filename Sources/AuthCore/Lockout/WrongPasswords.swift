import Storage

/// A password that was wrong, as 128 bits under a secret of the process.
struct PasswordFingerprint: Sendable {
    private let words: (UInt64, UInt64)

    init(_ first: UInt64, _ second: UInt64) {
        words = (first, second)
    }

    /// Compared in time independent of where they differ.
    func matches(_ other: PasswordFingerprint) -> Bool {
        (words.0 ^ other.words.0) | (words.1 ^ other.words.1) == 0
    }
}

/// The last distinct wrong passwords that one caller sent for one account.
struct WrongPasswords: Sendable {
    private var fingerprints: [PasswordFingerprint] = []
    /// When the last of them was sent.
    private(set) var lastAt = Timestamp(microseconds: 0)

    /// Enough for a service whose instances do not all have the same old secret.
    static let countMax = 4

    /// Stores a wrong password in place of the oldest.
    ///
    /// - Parameters:
    ///   - fingerprint: of the password.
    ///   - now: the present moment in UTC.
    /// - Returns: whether it was not among them.
    mutating func note(_ fingerprint: PasswordFingerprint, at now: Timestamp) -> Bool {
        lastAt = now
        var isNew = true
        for known in fingerprints where known.matches(fingerprint) { isNew = false }
        guard isNew else { return false }
        if fingerprints.count == WrongPasswords.countMax { fingerprints.removeFirst() }
        fingerprints.append(fingerprint)
        return true
    }
}
