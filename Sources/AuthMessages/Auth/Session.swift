package import CAuthdProto
package import ProtobufCodec

/// Session
package struct Session: ProtobufMessage {
    /// `session_id`
    package var sessionID = ""
    /// Label from `x-client-name` at login; may be empty.
    package var clientName = ""
    /// End user's address at login, if the caller was allowed to state it; may be empty.
    package var clientAddress = ""
    /// `created_at`
    package var createdAt: TimestampMessage?
    /// Login or last refresh.
    package var lastUsedAt: TimestampMessage?
    /// When it ends if it is not refreshed before.
    package var expiresAt: TimestampMessage?
    /// The calling session.
    package var current = false
    /// As in VerifyTokenResponse.
    package var authenticationMethods: [String] = []

    package init() {}

    package static let initializeC: @Sendable (UnsafeMutablePointer<Authd__V1__Session>?) -> Void =
        authd__v1__session__init

    package mutating func visit(
        _ c: inout Authd__V1__Session, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {
        try field.text(&sessionID, &c.session_id)
        try field.text(&clientName, &c.client_name)
        try field.text(&clientAddress, &c.client_address)
        try field.message(&createdAt, &c.created_at)
        try field.message(&lastUsedAt, &c.last_used_at)
        try field.message(&expiresAt, &c.expires_at)
        try field.boolean(&current, &c.current)
        try field.texts(
            &authenticationMethods, &c.n_authentication_methods, &c.authentication_methods)
    }
}
