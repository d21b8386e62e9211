/// Proof that the second factor of an account was presented; valid for the account version that it
/// was checked against, and to be stored with whatever it allowed.
struct SecondFactorProof: Sendable {
    /// How it was presented.
    enum Method: Sendable, Equatable {
        /// By the code of a step, which is now the last accepted one.
        case totp(step: Int64)
        /// By a recovery code; these are left.
        case recovery(left: RecoveryCodes)
    }

    let method: Method
    /// The secret sealed under the current key and form, if it was not.
    let resealed: String?

    /// The method's name in `amr` (RFC 8176 knows `otp`; `recovery` is ours).
    var name: String {
        switch method {
        case .totp: "otp"
        case .recovery: "recovery"
        }
    }

    /// What was presented.
    var credential: Credential {
        switch method {
        case .totp: .totpCode
        case .recovery: .recoveryCode
        }
    }

    /// Uses up the code.
    fileprivate func apply(to factor: inout AccountSecondFactor) {
        switch method {
        case .totp(let step): factor.lastStep = step
        case .recovery(let left): factor.recoveryCodes = left
        }
        if let resealed { factor.sealedSecret = resealed }
    }
}

extension Account {
    /// Uses up the code that was presented for this version of the account, nil if MFA is off, and
    /// clears the failures of what was presented.
    mutating func use(_ proof: SecondFactorProof?) {
        failures.clear(.password)
        if let proof { failures.clear(proof.credential) }
        guard let proof, var factor = secondFactor else { return }
        proof.apply(to: &factor)
        secondFactor = factor
    }
}
