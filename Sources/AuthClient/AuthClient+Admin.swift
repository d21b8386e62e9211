import AuthMessages
import Bytes
import ProtobufCodec

/// The calls of administrators. Everybody else is refused with ADMIN_REQUIRED; if there is no
/// account with an email: USER_NOT_FOUND.
extension AuthClient {
    static let adminService = "authd.v1.AdminService"

    /// One account.
    ///
    /// - Throws: `.refused` with USER_NOT_FOUND or EMAIL_INVALID.
    public func user(
        email: String, options: CallOptions = CallOptions()
    ) async throws(AuthClientError) -> UserInfo {
        var request = GetUserRequest()
        request.email = email
        let response: GetUserResponse = try await admin("GetUser", request, options)
        guard let user = response.user else {
            throw .protocolViolation("the daemon answered without a user")
        }
        return UserInfo(user)
    }

    /// All accounts, a page at a time. A page may have fewer than `pageSize`, even none, and
    /// still have a next page.
    ///
    /// - Parameters:
    ///   - page: nil for the first page, then `next` of the page before.
    ///   - pageSize: how many at most, 1 to 1,000.
    ///   - options: of the call.
    /// - Returns: the page.
    /// - Throws: `.refused` with ARGUMENT_INVALID.
    public func users(
        after page: Secret? = nil, pageSize: Int = 100, options: CallOptions = CallOptions()
    ) async throws(AuthClientError) -> UserPage {
        var request = ListUsersRequest()
        request.pageSize = Int32(clamping: pageSize)
        if let page { request.pageToken = page.bytes }
        let response: ListUsersResponse = try await admin("ListUsers", request, options)
        return UserPage(
            users: response.users.map { UserInfo($0) },
            next: response.nextPageToken.isEmpty ? nil : Secret(response.nextPageToken))
    }

    /// Disables an account, which ends its sessions, or re-enables it.
    ///
    /// - Throws: `.refused` with USER_NOT_FOUND or EMAIL_INVALID.
    public func setUserDisabled(
        _ isDisabled: Bool, email: String, options: CallOptions = CallOptions()
    ) async throws(AuthClientError) {
        var request = SetUserDisabledRequest()
        request.email = email
        request.disabled = isDisabled
        let _: SetUserDisabledResponse = try await admin("SetUserDisabled", request, options)
    }

    /// Clears the failure counters of an account: what was locked is unlocked.
    ///
    /// - Throws: `.refused` with USER_NOT_FOUND or EMAIL_INVALID.
    public func unlockUser(
        email: String, options: CallOptions = CallOptions()
    ) async throws(AuthClientError) {
        var request = UnlockUserRequest()
        request.email = email
        let _: UnlockUserResponse = try await admin("UnlockUser", request, options)
    }

    /// Creates a one-time token with which the user sets a new password; valid for one hour. An
    /// earlier one becomes invalid.
    ///
    /// - Throws: `.refused` with USER_NOT_FOUND, EMAIL_INVALID or ACCOUNT_DISABLED.
    public func issuePasswordReset(
        email: String, options: CallOptions = CallOptions()
    ) async throws(AuthClientError) -> PasswordResetTicket {
        var request = IssuePasswordResetRequest()
        request.email = email
        let response: IssuePasswordResetResponse = try await admin(
            "IssuePasswordReset", request, options)
        return PasswordResetTicket(
            token: Secret(response.resetToken), expiresAt: response.expiresAt.date)
    }

    /// Turns a user's MFA off and ends their sessions.
    ///
    /// - Throws: `.refused` with MFA_NOT_ENABLED, USER_NOT_FOUND or EMAIL_INVALID.
    public func resetMFA(
        email: String, options: CallOptions = CallOptions()
    ) async throws(AuthClientError) {
        var request = ResetMfaRequest()
        request.email = email
        let _: ResetMfaResponse = try await admin("ResetMfa", request, options)
    }

    /// Ends all sessions of a user.
    ///
    /// - Throws: `.refused` with USER_NOT_FOUND or EMAIL_INVALID.
    public func revokeUserSessions(
        email: String, options: CallOptions = CallOptions()
    ) async throws(AuthClientError) {
        var request = RevokeUserSessionsRequest()
        request.email = email
        let _: RevokeUserSessionsResponse = try await admin(
            "RevokeUserSessions", request, options)
    }

    /// Deletes an account and its sessions.
    ///
    /// - Throws: `.refused` with USER_NOT_FOUND or EMAIL_INVALID.
    public func removeUser(
        email: String, options: CallOptions = CallOptions()
    ) async throws(AuthClientError) {
        var request = AdminDeleteUserRequest()
        request.email = email
        let _: AdminDeleteUserResponse = try await admin("DeleteUser", request, options)
    }

    func admin<Request: ProtobufMessage, Response: ProtobufMessage>(
        _ method: String, _ request: Request, _ options: CallOptions
    ) async throws(AuthClientError) -> Response {
        try await call(method, request, service: AuthClient.adminService, options: options)
    }
}
