package import CAuthdProto
package import ProtobufCodec

/// The request of `AuthService.GetSigningKeys`.
package struct GetSigningKeysRequest: ProtobufMessage {
    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__GetSigningKeysRequest>?) -> Void =
            authd__v1__get_signing_keys_request__init

    package mutating func visit(
        _ c: inout Authd__V1__GetSigningKeysRequest, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {}
}

/// The response of `AuthService.GetSigningKeys`.
package struct GetSigningKeysResponse: ProtobufMessage {
    /// A JWK Set (RFC 7517 §5) in JSON. Never holds a symmetric secret.
    package var jwksJSON = ""

    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__GetSigningKeysResponse>?) -> Void =
            authd__v1__get_signing_keys_response__init

    package mutating func visit(
        _ c: inout Authd__V1__GetSigningKeysResponse, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {
        try field.text(&jwksJSON, &c.jwks_json)
    }
}
