package import Bytes

/// The rules for new passwords. Existing passwords are never checked again.
package struct PasswordPolicy: Sendable {
    /// The fewest bytes of UTF-8 in NFC (NIST SP 800-63B §5.1.1.2 asks for 8 characters).
    package let bytesMin: Int
    /// The most bytes of UTF-8 in NFC: room for any passphrase, and a limit on what is hashed.
    package let bytesMax: Int
    /// The minimum zxcvbn score, 0 to 4; 0 requires nothing.
    package let scoreMin: Int
    /// Each of these must occur. None by default: classes make passwords worse to remember and
    /// hardly better (NIST SP 800-63B, appendix A).
    package let requiredClasses: Set<CharacterClass>
    /// The operator's list; empty if there is none.
    private let breached: BreachedPasswords

    /// A policy; without arguments the default one.
    ///
    /// - Parameters:
    ///   - bytesMin: at least 1.
    ///   - bytesMax: at least `bytesMin`.
    ///   - scoreMin: 0 to 4.
    ///   - requiredClasses: the classes from each of which a password must have a character.
    ///   - breached: passwords that are refused, and may be replaced at any time.
    package init(
        bytesMin: Int = 8, bytesMax: Int = 1024, scoreMin: Int = 2,
        requiredClasses: Set<CharacterClass> = [],
        breached: BreachedPasswords = BreachedPasswords()
    ) {
        precondition(bytesMin >= 1 && bytesMax >= bytesMin && (0...4).contains(scoreMin))
        self.bytesMin = bytesMin
        self.bytesMax = bytesMax
        self.scoreMin = scoreMin
        self.requiredClasses = requiredClasses
        self.breached = breached
    }

    /// Every rule that `password` breaks, in the order of the cases; none for a good one.
    ///
    /// Blocks the thread for up to 20 ms (`PasswordStrength.charactersMax` says when): call it on a
    /// worker thread, not on an event loop.
    ///
    /// - Parameters:
    ///   - password: UTF-8, as `PasswordNormalization.nfc` returns it.
    ///   - email: the address of the account.
    /// - Returns: the broken rules, each once.
    package func violations(
        of password: SecretBytes, email: EmailAddress
    ) -> [PasswordPolicyViolation] {
        var broken: Set<PasswordPolicyViolation> = []
        if password.count < bytesMin { broken.insert(.tooShort) }
        if password.count > bytesMax { broken.insert(.tooLong) }
        if Self.equals(password, email) { broken.insert(.equalsEmail) }
        if CommonPasswords.contains(password) { broken.insert(.commonPassword) }
        if breached.contains(password) { broken.insert(.breachedPassword) }
        if scoreMin > 0 {
            let bits = PasswordStrength.bits(of: password, userWords: Self.words(of: email))
            if PasswordStrength.score(bits: bits) < scoreMin { broken.insert(.tooGuessable) }
        }
        if !requiredClasses.isEmpty {
            let missing = requiredClasses.subtracting(Self.classes(in: password))
            broken.formUnion(missing.map(PasswordPolicyViolation.init(missing:)))
        }
        return PasswordPolicyViolation.allCases.filter(broken.contains)
    }

    /// Whether `password` is the address or its local part, in any case.
    private static func equals(_ password: SecretBytes, _ email: EmailAddress) -> Bool {
        // No case variant of an address is longer, so nothing longer is copied or folded.
        guard password.count <= EmailAddress.inputBytesMax else { return false }
        let folded = password.withUnsafeBytes { bytes in
            if ASCII.isAll(bytes) {
                return SecretBytes(count: bytes.count) { target in
                    for index in bytes.indices { target[index] = ASCII.lowercased(bytes[index]) }
                }
            }
            // Beyond ASCII only a String knows lower case.
            return PasswordNormalization.inPieces(bytes, EmailAddress.folded)
        }
        return folded == SecretBytes(utf8: email.text)
            || folded == SecretBytes(utf8: email.localPart)
    }

    /// What an attacker would try first: the address, its two parts, and the words in them.
    private static func words(of email: EmailAddress) -> [String] {
        let pieces = email.text.split { character in
            !(character.isLetter || character.isNumber)
        }
        return [email.text, email.localPart, email.domain] + pieces.map(String.init)
    }

    private static func classes(in password: SecretBytes) -> Set<CharacterClass> {
        password.withUnsafeBytes { bytes in
            var found: Set<CharacterClass> = []
            var decoder = UTF8()
            var iterator = bytes.makeIterator()
            // Decoded one by one: no String, no copy.
            while case .scalarValue(let scalar) = decoder.decode(&iterator) {
                if let scalarClass = CharacterClass(scalar) { found.insert(scalarClass) }
            }
            return found
        }
    }
}
