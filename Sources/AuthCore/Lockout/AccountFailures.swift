package import Storage

/// The failures of an account, one count per credential; stored in its row.
package struct AccountFailures: Sendable, Equatable {
    package var password = FailureCount()
    package var totpCode = FailureCount()
    package var recoveryCode = FailureCount()
    /// How often an administrator unlocked the account. What daemons keep in memory about it
    /// is valid for one value only, so that unlocking takes effect everywhere.
    package var unlocks: Int64 = 0

    package init() {}

    /// The count of one credential.
    package subscript(credential: Credential) -> FailureCount {
        get {
            switch credential {
            case .password: password
            case .totpCode: totpCode
            case .recoveryCode: recoveryCode
            }
        }
        set {
            switch credential {
            case .password: password = newValue
            case .totpCode: totpCode = newValue
            case .recoveryCode: recoveryCode = newValue
            }
        }
    }

    /// Resets the failures of a credential that was presented, or that no longer exists.
    package mutating func clear(_ credential: Credential) {
        self[credential] = FailureCount()
    }

    /// Resets all, at an administrator's request.
    package mutating func unlock() {
        for credential in Credential.allCases { clear(credential) }
        unlocks += 1
    }

    /// When the last of the credentials may be tried again: nil when all may now, the end of the
    /// year 9999 when one is disabled until an administrator unlocks it.
    package func lockedUntil(at now: Timestamp, _ policy: LockoutPolicy) -> Timestamp? {
        Credential.allCases.compactMap { self[$0].lockedUntil(at: now, policy) }.max()
    }

    /// The larger of two views of each counter, or the one from after the last unlocking.
    func merged(_ other: AccountFailures) -> AccountFailures {
        guard unlocks == other.unlocks else { return unlocks > other.unlocks ? self : other }
        var merged = self
        for credential in Credential.allCases {
            merged[credential] = self[credential].merged(other[credential])
        }
        return merged
    }
}

extension AccountFailures {
    /// The properties of one count.
    private struct Names {
        let failures: String
        let unchecked: String
        let failedAt: String

        static let password = Names("password")
        static let totpCode = Names("totp")
        static let recoveryCode = Names("recovery")

        init(_ prefix: String) {
            failures = prefix + "Failures"
            unchecked = prefix + "FailuresUnchecked"
            failedAt = prefix + "FailedAt"
        }
    }

    /// Reads its part of an account's row.
    ///
    /// - Throws: `.corrupt` when a property has the wrong type, or a count and its time do not
    ///   match.
    init(_ fields: inout EntityFields) throws(StoreError) {
        password = try AccountFailures.count(Names.password, &fields)
        totpCode = try AccountFailures.count(Names.totpCode, &fields)
        recoveryCode = try AccountFailures.count(Names.recoveryCode, &fields)
        unlocks = try fields.optionalCounter("unlocks")
    }

    /// Its part of the row: nothing if nothing failed.
    var properties: EntityProperties {
        var properties: EntityProperties = [:]
        for (names, count) in [
            (Names.password, password), (Names.totpCode, totpCode),
            (Names.recoveryCode, recoveryCode),
        ] {
            guard let lastAt = count.lastAt else { continue }
            properties[names.failures] = .int64(Int64(count.failures))
            properties[names.failedAt] = .timestamp(lastAt)
            if count.unchecked > 0 {
                properties[names.unchecked] = .int64(Int64(count.unchecked))
            }
        }
        if unlocks > 0 { properties["unlocks"] = .int64(unlocks) }
        return properties
    }

    private static func count(
        _ names: Names, _ fields: inout EntityFields
    ) throws(StoreError) -> FailureCount {
        let failures = try fields.optionalInteger(names.failures) ?? 0
        let unchecked = try fields.optionalInteger(names.unchecked) ?? 0
        let lastAt = try fields.optionalTimestamp(names.failedAt)
        guard
            let count = FailureCount(
                failures: Int(failures), unchecked: Int(unchecked), lastAt: lastAt)
        else { throw fields.bad(names.failures) }
        return count
    }
}
