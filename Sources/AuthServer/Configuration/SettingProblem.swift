/// What is wrong with one value, reported by the function that read it.
struct SettingProblem: Error {
    /// A phrase that follows the setting's name, such as `has 12 bytes`; nil for "is not allowed".
    let phrase: String?

    /// The value is not one of those the setting allows.
    static let notAllowed = SettingProblem(phrase: nil)

    init(phrase: String?) {
        self.phrase = phrase
    }

    init(_ phrase: String) {
        self.phrase = phrase
    }
}
