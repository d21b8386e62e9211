import Bytes
import Cryptography
import Storage

/// A row of the old application, and the account that it becomes when it is moved.
struct OldAccount: Sendable {
    let key: EntityKey
    /// The version that was read; the row is only removed in this version.
    let etag: ETag
    /// What is stored in its place. Nothing of it is stored yet.
    let account: Account

    /// Reads a row: `password_hash` is the base64 of a bcrypt text, `totp_secret`, if there is
    /// one, what `OldSealedTOTPSecret` opens. Everything else is stored with the prefix `old_`.
    ///
    /// The old application never removed `totp_secret`, not even when MFA was turned off, and kept
    /// asking for codes: so a row that has one has MFA. A user who no longer has codes needs
    /// an administrator.
    ///
    /// - Parameters:
    ///   - entity: the row.
    ///   - email: the stored form of its address.
    ///   - userID: for the account.
    ///   - now: the present moment in UTC.
    /// - Throws: `.corrupt` when there is no hash that can be checked, or the row is too large.
    init(
        _ entity: Entity, email: String, userID: String, now: Timestamp
    ) throws(StoreError) {
        guard let etag = entity.etag else { throw OldAccount.bad(entity, "no version") }
        var rest = entity.properties
        guard case .string(let encoded) = rest.remove("password_hash"),
            let bytes = Base64.standard.decode(encoded),
            let hash = try? BcryptHash(parsing: String(decoding: bytes, as: UTF8.self)),
            hash.cost <= BcryptHash.costMax
        else { throw OldAccount.bad(entity, "no bcrypt hash in password_hash") }
        var account = Account(
            userID: userID, email: email, passwordHash: hash.text, createdAt: now)
        // Its bcrypt used the first 72 bytes of a longer password.
        account.passwordMayBeTruncated = true
        account.movedFrom = .init(
            etag: etag.text,
            email: entity.key.row.utf8.elementsEqual(email.utf8) ? nil : entity.key.row)
        switch rest.remove("totp_secret") {
        case nil, .string(""): break
        case .string(let sealed):
            account.secondFactor = AccountSecondFactor(
                sealedSecret: sealed, enabledAt: nil, lastStep: nil,
                recoveryCodes: RecoveryCodes())
        default: throw OldAccount.bad(entity, "totp_secret is not text")
        }
        for (name, value) in rest {
            let kept = "old_" + name
            account.unknownProperties[EntityLimits.isName(kept) ? kept : name] = value
        }
        let row = EntityKey(
            partition: AccountPartition(email: email).name, row: AccountPartition.accountRow)
        let insert = EntityOperation.insert(row, account.properties)
        guard EntityLimits.violation(partition: row.partition, operations: [insert]) == nil,
            account.properties.count <= EntityLimits.propertiesMax - OldAccount.propertiesReserved,
            EntityLimits.entityBytes(key: row, properties: account.properties)
                <= EntityLimits.entityBytesMax - OldAccount.bytesReserved
        else { throw OldAccount.bad(entity, "more properties than an account can store") }
        key = entity.key
        self.etag = etag
        self.account = account
    }

    /// Room for what an account acquires later: failures, a reset, MFA. Without it the account could
    /// be moved, and then never be written again.
    static let propertiesReserved = 32
    static let bytesReserved = 16_384

    /// Names the row by its new partition: an address does not belong in a log.
    private static func bad(_ entity: Entity, _ what: String) -> StoreError {
        let partition = AccountPartition(email: EmailAddress.folded(entity.key.row)).name
        return .corrupt("the row in the old table that belongs to \(partition): \(what)")
    }
}
