package import Bytes
package import CAuthdProto
package import ProtobufCodec

/// The second factor of an account as it is stored.
package struct SealedMfa: ProtobufMessage {
    /// Sealed with the user's password and the server's key, or only with the server's key.
    package var sealedSecret = SecretBytes()
    /// `enabled_at`
    package var enabledAt: TimestampMessage?
    /// The last accepted step of 30 s since 1970; 0 for none.
    package var lastStep: Int64 = 0
    /// 32 bytes per unused recovery code.
    package var recoveryCodeHashes: [UInt8] = []

    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__SealedMfa>?) -> Void =
            authd__v1__sealed_mfa__init

    package mutating func visit(
        _ c: inout Authd__V1__SealedMfa, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {
        try field.secret(&sealedSecret, &c.sealed_secret)
        try field.message(&enabledAt, &c.enabled_at)
        try field.integer(&lastStep, &c.last_step)
        try field.bytes(&recoveryCodeHashes, &c.recovery_code_hashes)
    }
}
