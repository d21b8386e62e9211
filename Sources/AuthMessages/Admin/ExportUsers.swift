package import Bytes
package import CAuthdProto
package import ProtobufCodec

/// The request of `AdminService.ExportUsers`.
package struct ExportUsersRequest: ProtobufMessage {
    /// 1 to 1,000; 0 means 100.
    package var pageSize: Int32 = 0
    /// Empty for the first page, then next_page_token of the previous page.
    package var pageToken = SecretBytes()

    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__ExportUsersRequest>?) -> Void =
            authd__v1__export_users_request__init

    package mutating func visit(
        _ c: inout Authd__V1__ExportUsersRequest, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {
        try field.integer(&pageSize, &c.page_size)
        try field.secret(&pageToken, &c.page_token)
    }
}

/// What ImportUser accepts.
package struct ExportedUser: ProtobufMessage {
    /// `user_id`
    package var userID = ""
    /// `email`
    package var email = ""
    /// `password_hash`
    package var passwordHash = SecretBytes()
    /// `whole_password`
    package var wholePassword = false
    /// `disabled`
    package var disabled = false
    /// `created_at`
    package var createdAt: TimestampMessage?
    /// `last_login_at`
    package var lastLoginAt: TimestampMessage?
    /// Absent when MFA is off.
    package var mfa: SealedMfa?

    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__ExportedUser>?) -> Void =
            authd__v1__exported_user__init

    package mutating func visit(
        _ c: inout Authd__V1__ExportedUser, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {
        try field.text(&userID, &c.user_id)
        try field.text(&email, &c.email)
        try field.secret(&passwordHash, &c.password_hash)
        try field.boolean(&wholePassword, &c.whole_password)
        try field.boolean(&disabled, &c.disabled)
        try field.message(&createdAt, &c.created_at)
        try field.message(&lastLoginAt, &c.last_login_at)
        try field.message(&mfa, &c.mfa)
    }
}

/// The response of `AdminService.ExportUsers`.
package struct ExportUsersResponse: ProtobufMessage {
    /// `users`
    package var users: [ExportedUser] = []
    /// Empty on the last page.
    package var nextPageToken = SecretBytes()
    /// How many accounts are missing on this page because their rows can't be read.
    package var unreadableAccounts: Int32 = 0

    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__ExportUsersResponse>?) -> Void =
            authd__v1__export_users_response__init

    package mutating func visit(
        _ c: inout Authd__V1__ExportUsersResponse, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {
        try field.messages(&users, &c.n_users, &c.users)
        try field.secret(&nextPageToken, &c.next_page_token)
        try field.integer(&unreadableAccounts, &c.unreadable_accounts)
    }
}
