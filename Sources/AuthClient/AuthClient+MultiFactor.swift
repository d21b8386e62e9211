import AuthMessages
import Bytes

extension AuthClient {
    /// Starts to enroll an authenticator. Nothing changes before `verifyMFA`.
    ///
    /// - Returns: what the user's authenticator needs; it can't be shown again.
    /// - Throws: `.refused` with MFA_ALREADY_ENABLED, INVALID_CREDENTIALS for a wrong password,
    ///   TOKEN_INVALID, TOKEN_EXPIRED, TOKEN_REVOKED or OVERLOADED.
    public func registerMFA(
        password: Secret, accessToken: Secret, options: CallOptions = CallOptions()
    ) async throws(AuthClientError) -> MFAEnrollment {
        var request = RegisterMfaRequest()
        request.password = password.bytes
        let response: RegisterMfaResponse = try await call(
            "RegisterMfa", request, accessToken: accessToken, options: options)
        return MFAEnrollment(response)
    }

    /// Finishes an enrollment with a first code: MFA is on, and all other sessions end.
    ///
    /// - Parameters:
    ///   - password: the user's.
    ///   - enrollmentToken: from `registerMFA`, at most 10 minutes old.
    ///   - code: six digits of the new authenticator; they are used up.
    ///   - accessToken: names the user.
    ///   - options: of the call.
    /// - Returns: the recovery codes, which can't be shown again.
    /// - Throws: `.refused` with MFA_CODE_INVALID, MFA_ENROLLMENT_INVALID, MFA_ALREADY_ENABLED,
    ///   INVALID_CREDENTIALS for a wrong password, TOKEN_INVALID, TOKEN_EXPIRED, TOKEN_REVOKED or
    ///   OVERLOADED.
    public func verifyMFA(
        password: Secret, enrollmentToken: Secret, code: Secret, accessToken: Secret,
        options: CallOptions = CallOptions()
    ) async throws(AuthClientError) -> [Secret] {
        var request = VerifyMfaRequest()
        request.password = password.bytes
        request.enrollmentToken = enrollmentToken.bytes
        request.totpCode = code.bytes
        let response: VerifyMfaResponse = try await call(
            "VerifyMfa", request, accessToken: accessToken, options: options)
        return response.recoveryCodes.map { Secret($0) }
    }

    /// Tests an authenticator code, which uses it up.
    ///
    /// - Throws: `.refused` with MFA_CODE_INVALID, MFA_NOT_ENABLED, MFA_SECRET_UNREADABLE,
    ///   INVALID_CREDENTIALS for a wrong password, TOKEN_INVALID, TOKEN_EXPIRED, TOKEN_REVOKED or
    ///   OVERLOADED.
    public func validateMFA(
        password: Secret, code: Secret, accessToken: Secret, options: CallOptions = CallOptions()
    ) async throws(AuthClientError) {
        var request = ValidateMfaRequest()
        request.password = password.bytes
        request.totpCode = code.bytes
        let _: ValidateMfaResponse = try await call(
            "ValidateMfa", request, accessToken: accessToken, options: options)
    }

    /// Whether MFA is on.
    ///
    /// - Throws: `.refused` with TOKEN_INVALID, TOKEN_EXPIRED or TOKEN_REVOKED.
    public func mfaStatus(
        accessToken: Secret, options: CallOptions = CallOptions()
    ) async throws(AuthClientError) -> MFAStatus {
        let response: GetMfaStatusResponse = try await call(
            "GetMfaStatus", GetMfaStatusRequest(), accessToken: accessToken, options: options)
        return MFAStatus(response)
    }

    /// Turns MFA off and ends all other sessions. Deletes its secret and recovery codes.
    ///
    /// - Throws: `.refused` with MFA_REQUIRED without a second factor, MFA_CODE_INVALID,
    ///   MFA_NOT_ENABLED, MFA_SECRET_UNREADABLE (not with a recovery code), INVALID_CREDENTIALS for
    ///   a wrong password, TOKEN_INVALID, TOKEN_EXPIRED, TOKEN_REVOKED or OVERLOADED.
    public func disableMFA(
        password: Secret, secondFactor: SecondFactor?, accessToken: Secret,
        options: CallOptions = CallOptions()
    ) async throws(AuthClientError) {
        var request = DisableMfaRequest()
        request.password = password.bytes
        request.fill(secondFactor)
        let _: DisableMfaResponse = try await call(
            "DisableMfa", request, accessToken: accessToken, options: options)
    }

    /// Creates new recovery codes; the old ones become invalid.
    ///
    /// - Returns: the codes, which can't be shown again.
    /// - Throws: `.refused` with MFA_CODE_INVALID, MFA_NOT_ENABLED, MFA_SECRET_UNREADABLE,
    ///   INVALID_CREDENTIALS for a wrong password, TOKEN_INVALID, TOKEN_EXPIRED, TOKEN_REVOKED or
    ///   OVERLOADED.
    public func regenerateRecoveryCodes(
        password: Secret, code: Secret, accessToken: Secret, options: CallOptions = CallOptions()
    ) async throws(AuthClientError) -> [Secret] {
        var request = RegenerateRecoveryCodesRequest()
        request.password = password.bytes
        request.totpCode = code.bytes
        let response: RegenerateRecoveryCodesResponse = try await call(
            "RegenerateRecoveryCodes", request, accessToken: accessToken, options: options)
        return response.recoveryCodes.map { Secret($0) }
    }
}
