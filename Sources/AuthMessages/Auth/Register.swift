package import Bytes
package import CAuthdProto
package import ProtobufCodec

/// The request of `AuthService.Register`.
package struct RegisterRequest: ProtobufMessage {
    /// At most 254 bytes. Trimmed, lower-cased and NFC-normalized before use.
    package var email = ""
    /// 8 to 1,024 bytes of UTF-8 after NFC, by default; see PASSWORD_TOO_WEAK.
    package var password = SecretBytes()

    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__RegisterRequest>?) -> Void =
            authd__v1__register_request__init

    package mutating func visit(
        _ c: inout Authd__V1__RegisterRequest, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {
        try field.text(&email, &c.email)
        try field.secret(&password, &c.password)
    }
}

/// The response of `AuthService.Register`.
package struct RegisterResponse: ProtobufMessage {
    /// Opaque; never changes: 26 characters.
    package var userID = ""
    /// The address as it is stored.
    package var email = ""

    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__RegisterResponse>?) -> Void =
            authd__v1__register_response__init

    package mutating func visit(
        _ c: inout Authd__V1__RegisterResponse, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {
        try field.text(&userID, &c.user_id)
        try field.text(&email, &c.email)
    }
}
