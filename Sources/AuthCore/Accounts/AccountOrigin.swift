import Storage

/// The row of the old table that an account was created from.
package struct AccountOrigin: Sendable, Equatable {
    /// The version of that row whose content is in the account.
    package let etag: String
    /// The address there, if it differs from the account's; the salt of its TOTP secret.
    package let email: String?

    package init(etag: String, email: String?) {
        self.etag = etag
        self.email = email
    }
}

extension AccountOrigin {
    /// Reads its part of an account's row; nil for an account that was created here.
    ///
    /// - Throws: `.corrupt` when a property has the wrong type.
    init?(_ fields: inout EntityFields) throws(StoreError) {
        let etag = try fields.optionalString("migratedFromEtag")
        let email = try fields.optionalString("migratedFromEmail")
        guard let etag else { return nil }
        self.init(etag: etag, email: email)
    }

    /// Its part of the row.
    var properties: EntityProperties {
        var properties: EntityProperties = ["migratedFromEtag": .string(etag)]
        properties["migratedFromEmail"] = email.map { .string($0) }
        return properties
    }
}
