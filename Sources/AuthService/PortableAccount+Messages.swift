import AuthCore
import AuthMessages
import Bytes
import Storage

extension PortableAccount {
    /// - Throws: `.argumentInvalid` for a field that can't be used.
    init(_ request: ImportUserRequest) throws(AuthError) {
        self.init(email: request.email, passwordHash: request.passwordHash.text)
        isWholePassword = request.wholePassword
        isDisabled = request.disabled
        userID = request.userID.isEmpty ? nil : request.userID
        createdAt = try Timestamp(request.createdAt, "created_at")
        lastLoginAt = try Timestamp(request.lastLoginAt, "last_login_at")
        switch (request.totpSecretBase32.isEmpty, request.mfa) {
        case (true, nil): break
        case (false, nil): secondFactor = .plain(request.totpSecretBase32)
        case (true, let mfa?): secondFactor = .sealed(try AccountSecondFactor(mfa))
        case (false, .some):
            throw .argumentInvalid("totp_secret_base32 and mfa: only one of them may be sent")
        }
    }
}

extension AccountSecondFactor {
    /// - Throws: `.argumentInvalid` for a field that can't be used.
    fileprivate init(_ mfa: SealedMfa) throws(AuthError) {
        guard let recoveryCodes = RecoveryCodes(stored: mfa.recoveryCodeHashes) else {
            throw .argumentInvalid(
                "mfa.recovery_code_hashes must be up to \(RecoveryCodes.countMax) times 32 bytes")
        }
        self.init(
            sealedSecret: mfa.sealedSecret.text,
            enabledAt: try Timestamp(mfa.enabledAt, "mfa.enabled_at"),
            lastStep: mfa.lastStep == 0 ? nil : mfa.lastStep, recoveryCodes: recoveryCodes)
    }
}

extension ExportedUser {
    init(_ account: PortableAccount) {
        self.init()
        userID = account.userID ?? ""
        email = account.email
        passwordHash = SecretBytes(utf8: account.passwordHash)
        wholePassword = account.isWholePassword
        disabled = account.isDisabled
        createdAt = account.createdAt.map { TimestampMessage($0) }
        lastLoginAt = account.lastLoginAt.map { TimestampMessage($0) }
        guard case .sealed(let factor) = account.secondFactor else { return }
        var mfa = SealedMfa()
        mfa.sealedSecret = SecretBytes(utf8: factor.sealedSecret)
        mfa.enabledAt = factor.enabledAt.map { TimestampMessage($0) }
        mfa.lastStep = factor.lastStep ?? 0
        mfa.recoveryCodeHashes = factor.recoveryCodes.stored
        self.mfa = mfa
    }
}

extension SecretBytes {
    /// As text; protobuf has checked that it is UTF-8.
    fileprivate var text: String { withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
}

extension Timestamp {
    /// The moment of a field, or nil if it is absent.
    ///
    /// - Throws: `.argumentInvalid` for one that a store can't represent.
    fileprivate init?(_ message: TimestampMessage?, _ field: String) throws(AuthError) {
        guard let message else { return nil }
        let range = EntityLimits.timestamps
        guard (range.lowerBound.seconds...range.upperBound.seconds).contains(message.seconds),
            (0...999_999_999).contains(message.nanoseconds)
        else { throw .argumentInvalid("\(field) is before 1601 or after 9999") }
        self.init(
            microseconds: message.seconds * 1_000_000 + Int64(message.nanoseconds / 1000))
    }
}
