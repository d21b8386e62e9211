import AuthCore
import AuthMessages
import AuthService
import Bytes
import TTRPC
import TestSupport
import Testing

/// The methods of AdminService with their messages. Who may call them is decided in front of them.
@Suite struct AdminHandlersTests {
    private let service: ServiceFixture
    private static let email = "ada@example.com"

    init() throws {
        service = try ServiceFixture()
    }

    private func user() async throws -> User {
        var request = GetUserRequest()
        request.email = Self.email
        let response = try await service.call(
            "GetUser", request, service: ServiceNames.admin, returning: GetUserResponse.self)
        return try #require(response.user)
    }

    @Test func `A user is shown, disabled, enabled, ended and removed`() async throws {
        let tokens = try await service.core.login()
        var shown = try await user()
        #expect(shown.userID == tokens.userID && shown.email == Self.email)
        #expect(shown.createdAt != nil && shown.lastLoginAt != nil && shown.sessionCount == 1)
        #expect(!shown.disabled && !shown.mfaEnabled && shown.passwordScheme == "bcrypt 4")

        var disable = SetUserDisabledRequest()
        disable.email = Self.email
        disable.disabled = true
        _ = try await service.call(
            "SetUserDisabled", disable, service: ServiceNames.admin,
            returning: SetUserDisabledResponse.self)
        shown = try await user()
        #expect(shown.disabled && shown.sessionCount == 0)
        disable.disabled = false
        _ = try await service.call(
            "SetUserDisabled", disable, service: ServiceNames.admin,
            returning: SetUserDisabledResponse.self)
        _ = try await service.core.loginAgain()

        var revoke = RevokeUserSessionsRequest()
        revoke.email = Self.email
        _ = try await service.call(
            "RevokeUserSessions", revoke, service: ServiceNames.admin,
            returning: RevokeUserSessionsResponse.self)
        #expect(try await user().sessionCount == 0)

        var unlock = UnlockUserRequest()
        unlock.email = Self.email
        _ = try await service.call(
            "UnlockUser", unlock, service: ServiceNames.admin, returning: UnlockUserResponse.self)
        unlock.email = "nobody@example.com"
        #expect(
            try await service.refusal("UnlockUser", unlock, service: ServiceNames.admin)
                == (.notFound, "USER_NOT_FOUND"))

        var reset = ResetMfaRequest()
        reset.email = Self.email
        #expect(
            try await service.refusal("ResetMfa", reset, service: ServiceNames.admin)
                == (.failedPrecondition, "MFA_NOT_ENABLED"))

        var delete = AdminDeleteUserRequest()
        delete.email = Self.email
        _ = try await service.call(
            "DeleteUser", delete, service: ServiceNames.admin,
            returning: AdminDeleteUserResponse.self)
        #expect(
            try await service.refusal("DeleteUser", delete, service: ServiceNames.admin)
                == (.notFound, "USER_NOT_FOUND"))
    }

    @Test func `A listing goes page by page`() async throws {
        for number in 0..<5 {
            try await AccountSeed.insert(
                email: "user-\(number)@example.com", into: service.core.store,
                at: service.core.clock.now)
        }
        var request = ListUsersRequest()
        request.pageSize = 3
        let first = try await service.call(
            "ListUsers", request, service: ServiceNames.admin, returning: ListUsersResponse.self)
        #expect(first.users.count == 3 && !first.nextPageToken.isEmpty)
        request.pageToken = first.nextPageToken
        let second = try await service.call(
            "ListUsers", request, service: ServiceNames.admin, returning: ListUsersResponse.self)
        #expect(second.users.count == 2 && second.nextPageToken.isEmpty)
        request = ListUsersRequest()
        let all = try await service.call(
            "ListUsers", request, service: ServiceNames.admin, returning: ListUsersResponse.self)
        #expect(all.users.count == 5)
        request.pageSize = -1
        #expect(
            try await service.refusal("ListUsers", request, service: ServiceNames.admin)
                == (.invalidArgument, "ARGUMENT_INVALID"))
    }

    @Test func `The audit log tells an administrator's deletion from the user's own`()
        async throws
    {
        let tokens = try await service.core.login()
        var delete = AdminDeleteUserRequest()
        delete.email = Self.email
        _ = try await service.call(
            "DeleteUser", delete, service: ServiceNames.admin,
            returning: AdminDeleteUserResponse.self)
        let event = try #require(service.audit.events.last)
        #expect(event.method == "AdminDeleteUser" && event.refusal == nil)
        #expect(event.subject.userID == tokens.userID)
    }
}
