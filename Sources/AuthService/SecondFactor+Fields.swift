import AuthCore
import Bytes

extension SecondFactor {
    /// The second factor in the two fields that requests have for it; nil when both are empty.
    ///
    /// - Throws: `.argumentInvalid` when both are filled: it must be clear which of them is used
    ///   up.
    init?(totpCode: SecretBytes, recoveryCode: SecretBytes) throws(AuthError) {
        switch (totpCode.isEmpty, recoveryCode.isEmpty) {
        case (true, true): return nil
        case (false, true): self = .totp(totpCode)
        case (true, false): self = .recovery(recoveryCode)
        case (false, false):
            throw .argumentInvalid("totp_code and recovery_code: only one of them may be sent")
        }
    }
}
