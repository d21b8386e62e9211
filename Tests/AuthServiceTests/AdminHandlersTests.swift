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

    @Test func `A user is shown, disabled, enabled, signed out and deleted`() async throws {
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

    @Test func `Users are listed page by page`() async throws {
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

    @Test func `The audit log records a deletion by an administrator as AdminDeleteUser`()
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

    @Test func `An account is imported, recognized when repeated, exported and imported elsewhere`()
        async throws
    {
        let there = try ServiceFixture()
        var request = ImportUserRequest()
        request.email = Self.email
        request.passwordHash = SecretBytes(
            utf8: "$2b$05$vXVc0bZkMgA6Zi/4lJ6wSuH4TO/ZICrZjf8Iyn/7EVFcB6bpi.4PK")
        request.totpSecretBase32 = SecretBytes(utf8: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
        request.createdAt = TimestampMessage(microseconds: 1_700_000_000_123_456)
        var imported = try await service.call(
            "ImportUser", request, service: ServiceNames.admin,
            returning: ImportUserResponse.self)
        #expect(imported.userID.utf8.count == 26 && !imported.alreadyThere)
        imported = try await service.call(
            "ImportUser", request, service: ServiceNames.admin,
            returning: ImportUserResponse.self)
        #expect(imported.alreadyThere)
        let page = try await service.call(
            "ExportUsers", ExportUsersRequest(), service: ServiceNames.admin,
            returning: ExportUsersResponse.self)
        let user = try #require(page.users.first)
        #expect(page.users.count == 1 && page.nextPageToken.isEmpty)
        #expect(user.userID == imported.userID && user.passwordHash == request.passwordHash)
        #expect(user.createdAt?.nanoseconds == 123_456_000 && !user.wholePassword)
        var moved = ImportUserRequest()
        moved.email = user.email
        moved.userID = user.userID
        moved.passwordHash = user.passwordHash
        moved.mfa = user.mfa
        let arrived = try await there.call(
            "ImportUser", moved, service: ServiceNames.admin, returning: ImportUserResponse.self)
        #expect(arrived.userID == user.userID && !arrived.alreadyThere)
    }

    @Test func `An import with an invalid timestamp or invalid MFA data is refused`() async throws {
        var request = ImportUserRequest()
        request.email = Self.email
        request.passwordHash = SecretBytes(
            utf8: "$2b$05$vXVc0bZkMgA6Zi/4lJ6wSuH4TO/ZICrZjf8Iyn/7EVFcB6bpi.4PK")
        for seconds in [Int64.min, -11_644_473_601, 253_402_300_800, .max] {
            request.createdAt = TimestampMessage()
            request.createdAt?.seconds = seconds
            #expect(
                try await service.refusal("ImportUser", request, service: ServiceNames.admin)
                    == (.invalidArgument, "ARGUMENT_INVALID"))
        }
        request.createdAt = TimestampMessage()
        request.createdAt?.nanoseconds = -1
        #expect(
            try await service.refusal("ImportUser", request, service: ServiceNames.admin)
                == (.invalidArgument, "ARGUMENT_INVALID"))
        request.createdAt = nil
        request.mfa = SealedMfa()
        request.mfa?.recoveryCodeHashes = [1, 2, 3]
        #expect(
            try await service.refusal("ImportUser", request, service: ServiceNames.admin)
                == (.invalidArgument, "ARGUMENT_INVALID"))
        request.totpSecretBase32 = SecretBytes(utf8: "JBSWY3DPEHPK3PXP")
        #expect(
            try await service.refusal("ImportUser", request, service: ServiceNames.admin)
                == (.invalidArgument, "ARGUMENT_INVALID"))
    }

    @Test
    func `Stats, metrics and backups come from the daemon, and a bad backup name is refused`()
        async throws
    {
        let stats = try await service.call(
            "GetStats", GetStatsRequest(), service: ServiceNames.admin,
            returning: GetStatsResponse.self)
        #expect(stats.version == "1.2.3" && stats.store == "memory" && stats.connections == 4)
        let metrics = try await service.call(
            "GetMetrics", GetMetricsRequest(), service: ServiceNames.admin,
            returning: GetMetricsResponse.self)
        #expect(metrics.text == TestOperations().metrics)
        #expect(stats.requestsTotal == 5 && stats.hashQueueDepth == 6 && stats.hashThreads == 7)
        var request = BackUpStoreRequest()
        for name in ["a", "authd-2026.sqlite", String(repeating: "z", count: 100)] {
            request.name = name
            let response = try await service.call(
                "BackUpStore", request, service: ServiceNames.admin,
                returning: BackUpStoreResponse.self)
            #expect(response.path == "/backups/" + name)
        }
        for name in ["", ".", "..", "../a", "a/b", "-a", "a b", "ä", "a\n"] + [
            String(repeating: "z", count: 101)
        ] {
            request.name = name
            #expect(
                try await service.refusal("BackUpStore", request, service: ServiceNames.admin)
                    == (.invalidArgument, "ARGUMENT_INVALID"))
        }
        request.name = "taken"
        #expect(
            try await service.refusal("BackUpStore", request, service: ServiceNames.admin)
                == (.failedPrecondition, "BACKUP_FAILED"))
    }
}
