/// The rules for new passwords.
package struct PasswordSettings: Sendable {
    /// A kind of character.
    package enum CharacterClass: String, Sendable, CaseIterable {
        case lower
        case upper
        case digit
        case symbol
    }

    /// The minimum bytes of UTF-8, after normalizing.
    package let bytesMin: Int
    /// The minimum zxcvbn score, 0 to 4.
    package let scoreMin: Int
    /// The kinds of characters that must all occur.
    package let classes: Set<CharacterClass>
    /// The absolute path of the list of breached passwords; nil for none.
    package let breachedFile: String?

    init(_ reader: inout SettingReader, host: HostFacts) throws(ConfigurationError) {
        breachedFile = try reader.optional(.breachedPasswordsFile) { host.absolute($0) }
        bytesMin = try reader.integer(.passwordBytesMin)
        scoreMin = try reader.integer(.passwordScoreMin)
        classes =
            try reader.optional(.passwordClasses) { text throws(SettingProblem) in
                var classes: Set<CharacterClass> = []
                for word in try SettingReader.list(
                    text, countMax: CharacterClass.allCases.count)
                {
                    guard let kind = CharacterClass(rawValue: word) else { throw .notAllowed }
                    classes.insert(kind)
                }
                return classes
            } ?? []
    }
}
