import AuthCore
import AuthMessages
import AuthService
import Bytes
import ProtobufCodec
import QRCode
import Storage
import TTRPC
import TestSupport
import Testing

/// The MFA methods with their messages, from enrollment to the end of MFA.
@Suite struct MultiFactorHandlersTests {
    private static let password = AuthenticatorFixture.password
    private let service: ServiceFixture

    init() throws {
        service = try ServiceFixture()
    }

    private func code(_ secret: TOTPSecret) -> SecretBytes {
        TOTP.code(secret: secret, step: TOTP.step(at: service.core.clock.now)).digits
    }

    private func loginRequest(totp: SecretBytes = SecretBytes()) -> LoginRequest {
        var request = LoginRequest()
        request.email = "ada@example.com"
        request.password = Self.password
        request.totpCode = totp
        return request
    }

    /// Turns MFA on through the methods.
    private func enroll(_ token: SecretBytes) async throws -> (TOTPSecret, [SecretBytes]) {
        var begin = RegisterMfaRequest()
        begin.password = Self.password
        let begun = try await service.call(
            "RegisterMfa", begin, token: token, returning: RegisterMfaResponse.self)
        let bytes = try #require(Base32.decode(begun.secretBase32))
        let secret = try #require(TOTPSecret(bytes))
        #expect(begun.qrCodePNG == (try QRCode(begun.otpauthURI).png()))
        var finish = VerifyMfaRequest()
        finish.password = Self.password
        finish.enrollmentToken = begun.enrollmentToken
        finish.totpCode = code(secret)
        let finished = try await service.call(
            "VerifyMfa", finish, token: token, returning: VerifyMfaResponse.self)
        service.core.clock.advance(by: .seconds(30))
        return (secret, finished.recoveryCodes)
    }

    @Test func `Every MFA method works in sequence from enrollment to disabling`() async throws {
        let token = try await service.core.login().access
        let (secret, codes) = try await enroll(token)
        #expect(codes.count == 10)
        #expect(
            try await service.refusal("Login", loginRequest()) == (
                .failedPrecondition, "MFA_REQUIRED"
            ))

        var login = try await service.call(
            "Login", loginRequest(totp: code(secret)), returning: LoginResponse.self)
        #expect(login.mfaUsed && login.recoveryCodesLeft == 10 && !login.recoveryCodesLow)
        for left in (3...9).reversed() {
            var request = loginRequest()
            request.recoveryCode = codes[left]
            login = try await service.call("Login", request, returning: LoginResponse.self)
            #expect(login.mfaUsed && login.recoveryCodesLeft == left)
            #expect(login.recoveryCodesLow == (left == 3))
        }

        let status = try await service.call(
            "GetMfaStatus", GetMfaStatusRequest(), token: token,
            returning: GetMfaStatusResponse.self)
        #expect(status.enabled && status.recoveryCodesLeft == 3 && status.enabledAt != nil)

        service.core.clock.advance(by: .seconds(30))
        var validate = ValidateMfaRequest()
        validate.password = Self.password
        validate.totpCode = code(secret)
        _ = try await service.call(
            "ValidateMfa", validate, token: token, returning: ValidateMfaResponse.self)
        #expect(
            try await service.refusal("ValidateMfa", validate, token: token)
                == (.unauthenticated, "MFA_CODE_INVALID"))

        service.core.clock.advance(by: .seconds(30))
        var regenerate = RegenerateRecoveryCodesRequest()
        regenerate.password = Self.password
        regenerate.totpCode = code(secret)
        let regenerated = try await service.call(
            "RegenerateRecoveryCodes", regenerate, token: token,
            returning: RegenerateRecoveryCodesResponse.self)
        #expect(regenerated.recoveryCodes.count == 10)

        var disable = DisableMfaRequest()
        disable.password = Self.password
        #expect(
            try await service.refusal("DisableMfa", disable, token: token)
                == (.failedPrecondition, "MFA_REQUIRED"))
        disable.recoveryCode = regenerated.recoveryCodes[0]
        _ = try await service.call(
            "DisableMfa", disable, token: token, returning: DisableMfaResponse.self)
        #expect(
            try await service.refusal("DisableMfa", disable, token: token)
                == (.failedPrecondition, "MFA_NOT_ENABLED"))
        login = try await service.call("Login", loginRequest(), returning: LoginResponse.self)
        #expect(!login.mfaUsed && login.recoveryCodesLeft == 0 && !login.recoveryCodesLow)
    }

    @Test func `MFA refusals have their status codes and reasons`() async throws {
        let token = try await service.core.login().access
        var finish = VerifyMfaRequest()
        finish.password = Self.password
        finish.enrollmentToken = SecretBytes(utf8: "v1.00000000.AAAA")
        #expect(
            try await service.refusal("VerifyMfa", finish, token: token)
                == (.invalidArgument, "MFA_ENROLLMENT_INVALID"))
        _ = try await enroll(token)
        var begin = RegisterMfaRequest()
        begin.password = Self.password
        #expect(
            try await service.refusal("RegisterMfa", begin, token: token)
                == (.failedPrecondition, "MFA_ALREADY_ENABLED"))
        var both = loginRequest(totp: SecretBytes(utf8: "123456"))
        both.recoveryCode = SecretBytes(utf8: "123456")
        #expect(
            try await service.refusal("Login", both) == (.invalidArgument, "ARGUMENT_INVALID"))
        for method in ["RegisterMfa", "VerifyMfa", "ValidateMfa", "DisableMfa"] {
            #expect(
                try await service.refusal(method, begin) == (.unauthenticated, "TOKEN_INVALID"))
        }
    }

    @Test func `Changing the password and deleting the account require a code`() async throws {
        let token = try await service.core.login().access
        let (secret, codes) = try await enroll(token)
        let new = SecretBytes(utf8: "another-long-passphrase-71")
        var change = ChangePasswordRequest()
        change.currentPassword = Self.password
        change.newPassword = new
        #expect(
            try await service.refusal("ChangePassword", change, token: token)
                == (.failedPrecondition, "MFA_REQUIRED"))
        change.totpCode = code(secret)
        _ = try await service.call(
            "ChangePassword", change, token: token, returning: ChangePasswordResponse.self)
        var delete = DeleteUserRequest()
        delete.password = new
        #expect(
            try await service.refusal("DeleteUser", delete, token: token)
                == (.failedPrecondition, "MFA_REQUIRED"))
        delete.recoveryCode = codes[0]
        _ = try await service.call(
            "DeleteUser", delete, token: token, returning: DeleteUserResponse.self)
    }

    @Test func `A login refused for a missing code is in the audit log with its user`() async throws
    {
        let tokens = try await service.core.login()
        _ = try await enroll(tokens.access)
        _ = try await service.refusal("Login", loginRequest())
        let event = try #require(service.audit.events.last)
        #expect(event.method == "Login")
        #expect(event.refusal == .mfaRequired)
        #expect(event.subject.userID == tokens.userID)
    }
}
