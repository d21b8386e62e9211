package import Bytes
package import CAuthdProto
package import ProtobufCodec

/// The request of `AdminService.ListUsers`.
package struct ListUsersRequest: ProtobufMessage {
    /// 1 to 1,000; 0 means 100.
    package var pageSize: Int32 = 0
    /// Empty for the first page, then next_page_token of the previous page.
    package var pageToken = SecretBytes()

    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__ListUsersRequest>?) -> Void =
            authd__v1__list_users_request__init

    package mutating func visit(
        _ c: inout Authd__V1__ListUsersRequest, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {
        try field.integer(&pageSize, &c.page_size)
        try field.secret(&pageToken, &c.page_token)
    }
}

/// The response of `AdminService.ListUsers`.
package struct ListUsersResponse: ProtobufMessage {
    /// `users`
    package var users: [User] = []
    /// Empty on the last page.
    package var nextPageToken = SecretBytes()

    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__ListUsersResponse>?) -> Void =
            authd__v1__list_users_response__init

    package mutating func visit(
        _ c: inout Authd__V1__ListUsersResponse, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {
        try field.messages(&users, &c.n_users, &c.users)
        try field.secret(&nextPageToken, &c.next_page_token)
    }
}
