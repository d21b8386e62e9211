/// What can be guessed, and is counted separately.
package enum Credential: Int, Sendable, CaseIterable {
    case password
    case totpCode
    case recoveryCode

    /// Those of the second factor.
    static let codes: [Credential] = [.totpCode, .recoveryCode]
}
