import AuthMessages
import Bytes

extension LoginResult {
    init(_ message: LoginResponse) throws(AuthClientError) {
        self.init(
            session: try SessionTokens(
                message.tokens, sessionID: message.sessionID, userID: message.userID),
            mfaUsed: message.mfaUsed, recoveryCodesLeft: Int(message.recoveryCodesLeft),
            recoveryCodesLow: message.recoveryCodesLow)
    }
}

extension MFAEnrollment {
    init(_ message: RegisterMfaResponse) {
        self.init(
            token: Secret(message.enrollmentToken), secretBase32: Secret(message.secretBase32),
            otpauthURI: Secret(message.otpauthURI),
            qrCodePNG: message.qrCodePNG.withUnsafeBytes { Secret(copying: $0) })
    }
}

extension MFAStatus {
    init(_ message: GetMfaStatusResponse) {
        self.init(
            isEnabled: message.enabled, enabledAt: message.enabledAt?.date,
            recoveryCodesLeft: Int(message.recoveryCodesLeft))
    }
}
