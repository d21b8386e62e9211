import AuthMessages
import Bytes

extension AuthClient {
    /// Creates an account.
    ///
    /// - Throws: `.refused` with EMAIL_TAKEN, EMAIL_INVALID, PASSWORD_TOO_WEAK or OVERLOADED.
    public func register(
        email: String, password: Secret, options: CallOptions = CallOptions()
    ) async throws(AuthClientError) -> Registration {
        var request = RegisterRequest()
        request.email = email
        request.password = password.bytes
        let response: RegisterResponse = try await call("Register", request, options: options)
        return Registration(userID: response.userID, email: response.email)
    }

    /// Starts a session.
    ///
    /// Only a caller with the right password learns whether a user has MFA: call without a second
    /// factor first, and again with one after MFA_REQUIRED.
    ///
    /// - Throws: `.refused` with INVALID_CREDENTIALS, MFA_REQUIRED, MFA_CODE_INVALID,
    ///   MFA_SECRET_UNREADABLE (not with a recovery code) or OVERLOADED.
    public func login(
        email: String, password: Secret, secondFactor: SecondFactor? = nil,
        options: CallOptions = CallOptions()
    ) async throws(AuthClientError) -> LoginResult {
        var request = LoginRequest()
        request.email = email
        request.password = password.bytes
        request.fill(secondFactor)
        let response: LoginResponse = try await call("Login", request, options: options)
        return try LoginResult(response)
    }

    /// Renews a session's tokens. The old refresh token stays valid for a few more seconds.
    ///
    /// - Throws: `.refused` with TOKEN_INVALID, TOKEN_EXPIRED, TOKEN_REVOKED, REFRESH_REUSED or
    ///   ACCOUNT_DISABLED.
    public func refresh(
        _ refreshToken: Secret, options: CallOptions = CallOptions()
    ) async throws(AuthClientError) -> SessionTokens {
        var request = RefreshRequest()
        request.refreshToken = refreshToken.bytes
        let response: RefreshResponse = try await call("Refresh", request, options: options)
        return try SessionTokens(
            response.tokens, sessionID: response.sessionID, userID: response.userID)
    }

    /// Ends the session of a refresh token, or all sessions of its user.
    ///
    /// - Throws: `.refused` with TOKEN_INVALID or TOKEN_EXPIRED; of all sessions also with
    ///   TOKEN_REVOKED, REFRESH_REUSED or ACCOUNT_DISABLED.
    public func logout(
        refreshToken: Secret, allSessions: Bool = false, options: CallOptions = CallOptions()
    ) async throws(AuthClientError) {
        var request = LogoutRequest()
        request.refreshToken = refreshToken.bytes
        request.allSessions = allSessions
        let _: LogoutResponse = try await call("Logout", request, options: options)
    }

    /// Sets a new password and ends all other sessions.
    ///
    /// - Returns: whether the change turned MFA off.
    /// - Throws: `.refused` with INVALID_CREDENTIALS for a wrong current password, MFA_REQUIRED,
    ///   MFA_CODE_INVALID, MFA_SECRET_UNREADABLE (not with a recovery code), PASSWORD_TOO_WEAK,
    ///   TOKEN_INVALID, TOKEN_EXPIRED, TOKEN_REVOKED or OVERLOADED.
    @discardableResult
    public func changePassword(
        from current: Secret, to new: Secret, secondFactor: SecondFactor? = nil,
        accessToken: Secret, options: CallOptions = CallOptions()
    ) async throws(AuthClientError) -> PasswordChange {
        var request = ChangePasswordRequest()
        request.currentPassword = current.bytes
        request.newPassword = new.bytes
        request.fill(secondFactor)
        let response: ChangePasswordResponse = try await call(
            "ChangePassword", request, accessToken: accessToken, options: options)
        return PasswordChange(mfaDisabled: response.mfaDisabled)
    }

    /// Deletes the account and its sessions.
    ///
    /// - Throws: `.refused` with INVALID_CREDENTIALS for a wrong password, MFA_REQUIRED,
    ///   MFA_CODE_INVALID, MFA_SECRET_UNREADABLE (not with a recovery code), TOKEN_INVALID,
    ///   TOKEN_EXPIRED, TOKEN_REVOKED or OVERLOADED.
    public func deleteUser(
        password: Secret, secondFactor: SecondFactor? = nil, accessToken: Secret,
        options: CallOptions = CallOptions()
    ) async throws(AuthClientError) {
        var request = DeleteUserRequest()
        request.password = password.bytes
        request.fill(secondFactor)
        let _: DeleteUserResponse = try await call(
            "DeleteUser", request, accessToken: accessToken, options: options)
    }

    /// Checks an access token and returns its claims.
    ///
    /// - Throws: `.refused` with TOKEN_INVALID, TOKEN_EXPIRED, TOKEN_REVOKED or ACCOUNT_DISABLED.
    public func verifyToken(
        _ accessToken: Secret, options: CallOptions = CallOptions()
    ) async throws(AuthClientError) -> TokenClaims {
        var request = VerifyTokenRequest()
        request.accessToken = accessToken.bytes
        let response: VerifyTokenResponse = try await call(
            "VerifyToken", request, options: options)
        return TokenClaims(response)
    }

    /// Sets a new password with a one-time token from an administrator. All sessions end, and MFA
    /// is turned off.
    ///
    /// - Throws: `.refused` with TOKEN_INVALID, TOKEN_EXPIRED, PASSWORD_TOO_WEAK, ACCOUNT_DISABLED
    ///   or OVERLOADED.
    public func resetPassword(
        token: Secret, new: Secret, options: CallOptions = CallOptions()
    ) async throws(AuthClientError) -> PasswordReset {
        var request = ResetPasswordRequest()
        request.resetToken = token.bytes
        request.newPassword = new.bytes
        let response: ResetPasswordResponse = try await call(
            "ResetPassword", request, options: options)
        return PasswordReset(userID: response.userID, turnedMFAOff: response.mfaDisabled)
    }

    /// The public keys that verify access tokens, as a JWK Set in JSON (RFC 7517 §5). It is empty
    /// when the daemon signs with a shared secret.
    ///
    /// - Throws: `AuthClientError`.
    public func signingKeys(
        options: CallOptions = CallOptions()
    ) async throws(AuthClientError) -> String {
        let response: GetSigningKeysResponse = try await call(
            "GetSigningKeys", GetSigningKeysRequest(), options: options)
        return response.jwksJSON
    }

    /// The user's live sessions, newest login first.
    ///
    /// - Throws: `.refused` with TOKEN_INVALID, TOKEN_EXPIRED or TOKEN_REVOKED.
    public func sessions(
        accessToken: Secret, options: CallOptions = CallOptions()
    ) async throws(AuthClientError) -> [SessionInfo] {
        let response: ListSessionsResponse = try await call(
            "ListSessions", ListSessionsRequest(), accessToken: accessToken, options: options)
        return response.sessions.map { SessionInfo($0) }
    }

    /// Ends one of the user's sessions.
    ///
    /// - Throws: `.refused` with SESSION_NOT_FOUND, TOKEN_INVALID, TOKEN_EXPIRED or TOKEN_REVOKED.
    public func revokeSession(
        _ sessionID: String, accessToken: Secret, options: CallOptions = CallOptions()
    ) async throws(AuthClientError) {
        var request = RevokeSessionRequest()
        request.sessionID = sessionID
        let _: RevokeSessionResponse = try await call(
            "RevokeSession", request, accessToken: accessToken, options: options)
    }

    /// Whether the daemon can serve calls: it and its store answer.
    ///
    /// - Throws: `AuthClientError`.
    public func health(
        options: CallOptions = CallOptions()
    ) async throws(AuthClientError) -> Health {
        let response: HealthCheckResponse = try await call(
            "Check", HealthCheckRequest(), service: AuthClient.healthService, options: options)
        switch response.status {
        case 1: return .serving
        case 2: return .notServing
        default: return .unknown
        }
    }
}
