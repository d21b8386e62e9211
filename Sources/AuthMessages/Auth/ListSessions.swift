package import CAuthdProto
package import ProtobufCodec

/// The request of `AuthService.ListSessions`.
package struct ListSessionsRequest: ProtobufMessage {
    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__ListSessionsRequest>?) -> Void =
            authd__v1__list_sessions_request__init

    package mutating func visit(
        _ c: inout Authd__V1__ListSessionsRequest, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {}
}

/// The response of `AuthService.ListSessions`.
package struct ListSessionsResponse: ProtobufMessage {
    /// Newest login first; at most 90.
    package var sessions: [Session] = []

    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__ListSessionsResponse>?) -> Void =
            authd__v1__list_sessions_response__init

    package mutating func visit(
        _ c: inout Authd__V1__ListSessionsResponse, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {
        try field.messages(&sessions, &c.n_sessions, &c.sessions)
    }
}
