import AuthMessages
import Bytes
import Foundation

/// The administrators' calls that move accounts, and those about the daemon itself.
extension AuthClient {
    /// Adds an account with its password hash. Idempotent: importing the same account again
    /// succeeds.
    ///
    /// - Parameters:
    ///   - user: the account.
    ///   - isDryRun: whether to only check, and store nothing.
    ///   - options: of the call.
    /// - Returns: the account's id.
    /// - Throws: `.refused` with EMAIL_TAKEN, EMAIL_INVALID or ARGUMENT_INVALID.
    public func importUser(
        _ user: PortableUser, isDryRun: Bool = false, options: CallOptions = CallOptions()
    ) async throws(AuthClientError) -> ImportedUser {
        var request = ImportUserRequest(user)
        request.dryRun = isDryRun
        let response: ImportUserResponse = try await admin("ImportUser", request, options)
        return ImportedUser(
            userID: response.userID.isEmpty ? nil : response.userID,
            wasThere: response.alreadyThere)
    }

    /// All accounts with their password hashes, a page at a time, as `importUser` takes them. Only
    /// for root and the daemon's own user. A page may have fewer than `pageSize`, even none, and
    /// still have a next page.
    ///
    /// - Parameters:
    ///   - page: nil for the first page, then `next` of the page before.
    ///   - pageSize: how many at most, 1 to 1,000.
    ///   - options: of the call.
    /// - Returns: the page.
    /// - Throws: `.refused` with ADMIN_REQUIRED or ARGUMENT_INVALID.
    public func exportUsers(
        after page: Secret? = nil, pageSize: Int = 100, options: CallOptions = CallOptions()
    ) async throws(AuthClientError) -> ExportPage {
        var request = ExportUsersRequest()
        request.pageSize = Int32(clamping: pageSize)
        if let page { request.pageToken = page.bytes }
        let response: ExportUsersResponse = try await admin("ExportUsers", request, options)
        return ExportPage(
            users: response.users.map { PortableUser($0) },
            unreadableCount: Int(response.unreadableAccounts),
            next: response.nextPageToken.isEmpty ? nil : Secret(response.nextPageToken))
    }

    /// Copies the store, as it is at this moment, to a new file in the daemon's backup directory.
    /// Only for root and the daemon's own user.
    ///
    /// - Parameters:
    ///   - name: of the file: 1 to 100 letters, digits, `.`, `_` and `-`, a letter or digit first.
    ///   - options: of the call; a large store takes a while.
    /// - Returns: the path of the copy on the daemon's machine.
    /// - Throws: `.refused` with BACKUP_FAILED, ADMIN_REQUIRED, ARGUMENT_INVALID or OVERLOADED.
    public func backUpStore(
        name: String, options: CallOptions = CallOptions()
    ) async throws(AuthClientError) -> String {
        var request = BackUpStoreRequest()
        request.name = name
        let response: BackUpStoreResponse = try await admin("BackUpStore", request, options)
        return response.path
    }

    /// Statistics of the daemon and its store.
    ///
    /// - Throws: `.refused` with ADMIN_REQUIRED.
    public func stats(
        options: CallOptions = CallOptions()
    ) async throws(AuthClientError) -> DaemonStats {
        let response: GetStatsResponse = try await admin("GetStats", GetStatsRequest(), options)
        return DaemonStats(
            version: response.version, startedAt: response.startedAt.date, store: response.store,
            connections: Int(response.connections), requests: Int(response.requestsTotal),
            hashQueueDepth: Int(response.hashQueueDepth), hashThreads: Int(response.hashThreads))
    }

    /// Metrics for a monitoring system.
    ///
    /// - Returns: Prometheus text format.
    /// - Throws: `.refused` with ADMIN_REQUIRED.
    public func metrics(
        options: CallOptions = CallOptions()
    ) async throws(AuthClientError) -> String {
        let response: GetMetricsResponse = try await admin(
            "GetMetrics", GetMetricsRequest(), options)
        return response.text
    }
}

extension ImportUserRequest {
    fileprivate init(_ user: PortableUser) {
        self.init()
        email = user.email
        passwordHash = user.passwordHash.bytes
        wholePassword = user.isWholePassword
        disabled = user.isDisabled
        userID = user.userID ?? ""
        createdAt = user.createdAt.map { TimestampMessage($0) }
        lastLoginAt = user.lastLoginAt.map { TimestampMessage($0) }
        if let secret = user.totpSecretBase32 { totpSecretBase32 = secret.bytes }
        guard let sealed = user.sealedMFA else { return }
        var message = SealedMfa()
        message.sealedSecret = sealed.sealedSecret.bytes
        message.enabledAt = sealed.enabledAt.map { TimestampMessage($0) }
        message.lastStep = sealed.lastStep
        message.recoveryCodeHashes = sealed.recoveryCodeHashes
        mfa = message
    }
}

extension PortableUser {
    fileprivate init(_ message: ExportedUser) {
        self.init(email: message.email, passwordHash: Secret(message.passwordHash))
        isWholePassword = message.wholePassword
        isDisabled = message.disabled
        userID = message.userID
        createdAt = message.createdAt?.date
        lastLoginAt = message.lastLoginAt?.date
        guard let sealed = message.mfa else { return }
        sealedMFA = SealedMFA(
            sealedSecret: Secret(sealed.sealedSecret), enabledAt: sealed.enabledAt?.date,
            lastStep: sealed.lastStep, recoveryCodeHashes: sealed.recoveryCodeHashes)
    }
}

extension TimestampMessage {
    /// To the microsecond, the precision of the stores. A date beyond the range of microseconds
    /// becomes the latest possible one, which the daemon refuses.
    fileprivate init(_ date: Date) {
        let microseconds = (date.timeIntervalSince1970 * 1_000_000).rounded()
        self.init(microseconds: Int64(exactly: microseconds) ?? .max)
    }
}
