import AuthMessages
import Bytes

/// A request with the two fields for a second factor, of which the daemon accepts at most one.
protocol SecondFactorRequest {
    var totpCode: SecretBytes { get set }
    var recoveryCode: SecretBytes { get set }
}

extension SecondFactorRequest {
    /// Puts a second factor into its field.
    mutating func fill(_ factor: SecondFactor?) {
        switch factor {
        case nil: break
        case .totpCode(let code): totpCode = code.bytes
        case .recoveryCode(let code): recoveryCode = code.bytes
        }
    }
}

extension LoginRequest: SecondFactorRequest {}
extension ChangePasswordRequest: SecondFactorRequest {}
extension DeleteUserRequest: SecondFactorRequest {}
extension DisableMfaRequest: SecondFactorRequest {}
