package import Storage

/// What an account with MFA stores for it.
package struct AccountSecondFactor: Sendable, Equatable {
    /// The TOTP secret as `TOTPSecretSealing` writes it, or in the old application's form.
    package var sealedSecret: String
    /// When MFA was turned on; nil if the old application did it, which recorded no time.
    package var enabledAt: Timestamp?
    /// The last TOTP step that was accepted; codes of this and earlier ones are used up.
    package var lastStep: Int64?
    /// Those that are still unused.
    package var recoveryCodes: RecoveryCodes

    package init(
        sealedSecret: String, enabledAt: Timestamp?, lastStep: Int64?,
        recoveryCodes: RecoveryCodes
    ) {
        self.sealedSecret = sealedSecret
        self.enabledAt = enabledAt
        self.lastStep = lastStep
        self.recoveryCodes = recoveryCodes
    }
}

extension AccountSecondFactor {
    /// Reads its part of an account's row; nil when MFA is off.
    ///
    /// - Throws: `.corrupt` when a property has the wrong type or size.
    init?(_ fields: inout EntityFields) throws(StoreError) {
        // All are taken, so that none is left as an unknown property when MFA is off.
        let sealedSecret = try fields.optionalString("totpSecret")
        let enabledAt = try fields.optionalTimestamp("totpEnabledAt")
        let lastStep = try fields.optionalInteger("totpLastStep")
        let stored = try fields.optionalBinary("recoveryCodeHashes") ?? []
        guard let sealedSecret else { return nil }
        guard let recoveryCodes = RecoveryCodes(stored: stored) else {
            throw fields.bad("recoveryCodeHashes")
        }
        self.init(
            sealedSecret: sealedSecret, enabledAt: enabledAt, lastStep: lastStep,
            recoveryCodes: recoveryCodes)
    }

    /// Its part of the row.
    var properties: EntityProperties {
        var properties: EntityProperties = [
            "totpSecret": .string(sealedSecret),
            "recoveryCodeHashes": .binary(recoveryCodes.stored),
        ]
        properties["totpEnabledAt"] = enabledAt.map { .timestamp($0) }
        properties["totpLastStep"] = lastStep.map { .int64($0) }
        return properties
    }
}

extension Account {
    /// Turns MFA off: secret and recovery codes go with the failures at them, and so do all
    /// enrollment tokens. `Lockout.forget` is to be told when that is stored.
    mutating func turnMFAOff() {
        secondFactor = nil
        mfaEpoch += 1
        for credential in Credential.codes { failures.clear(credential) }
    }
}
