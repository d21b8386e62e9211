import AuthClient

/// New recovery codes as they are shown, only this once.
struct RecoveryCodesOutput: Encodable {
    let recoveryCodes: [String]

    init(_ codes: [Secret]) {
        recoveryCodes = codes.map(\.text)
    }

    /// The form for people, one code per line.
    func text(_ headline: String) -> String {
        """
        \(headline)

        Recovery codes, each good for one login without the authenticator.
        Keep them in a safe place: they are shown only this once.

        \(recoveryCodes.map { "  " + Format.safe($0) }.joined(separator: "\n"))
        """
    }
}
