import AuthMessages
import Bytes
import ProtobufCodec
import TTRPC
import Testing
import Transport

extension IntegrationTests {
    /// What attackers send beside what is asked for, and what comes back.
    struct AttackTests {
        private static let victim = "victim@example.org"
        private static let attacker = "attacker@example.org"
        private static let password = "granite-otter-61-flute"
        private static let others = "walnut-comet-35-spoon"

        @Test
        func `A login always creates a new session, whatever metadata comes with it`() async throws
        {
            try await withDaemon { _, _, client in
                try await client.register(AttackTests.victim, AttackTests.password)
                try await client.register(AttackTests.attacker, AttackTests.others)
                let planted = try await client.login(AttackTests.attacker, AttackTests.others)
                // The attacker gets the victim's login to carry what is his.
                let pairs = [
                    MetadataPair(key: "authorization", value: "Bearer \(text(of: planted.access))"),
                    MetadataPair(key: "x-session-id", value: planted.sessionID),
                    MetadataPair(key: "session_id", value: planted.sessionID),
                    MetadataPair(key: "cookie", value: "sid=\(planted.sessionID)"),
                ]
                let first = try await client.login(
                    AttackTests.victim, AttackTests.password, saying: pairs)
                let second = try await client.login(
                    AttackTests.victim, AttackTests.password, saying: pairs)
                #expect(Set([planted, first, second].map(\.sessionID)).count == 3)
                #expect(first.userID == second.userID && first.userID != planted.userID)
                let verified = try await client.verify(planted.access)
                #expect(verified.userID == planted.userID)
                #expect(
                    try await client.sessions(planted.access).map(\.sessionID)
                        == [planted.sessionID])
                #expect(
                    Set(try await client.sessions(first.access).map(\.sessionID))
                        == [first.sessionID, second.sessionID])
                // Nor does a token that is refreshed move to another session or user.
                let renewed = try await client.refresh(planted.refresh)
                #expect(renewed.sessionID == planted.sessionID)
                #expect(renewed.userID == planted.userID)
            }
        }

        @Test
        func `Metadata that a caller makes up gives no privilege`() async throws {
            // Nobody is an administrator, so a right could only come from what is said.
            try await withDaemon(["AUTHD_ADMIN_UIDS": "4242"]) { _, _, client in
                try await client.register(AttackTests.victim, AttackTests.password)
                let login = try await client.login(AttackTests.victim, AttackTests.password)
                let claims = [
                    ("x-client-uid", "0"), ("x-peer-uid", "4242"), ("uid", "4242"),
                    ("x-client-certificate", "cn:admin"), ("x-admin", "true"), ("role", "admin"),
                    ("x-forwarded-for", "127.0.0.1"), ("x-client-address", "127.0.0.1"),
                    ("authorization", "Bearer admin"),
                    ("authorization", "Bearer \(text(of: login.access))"),
                ]
                for (key, value) in claims {
                    let refusal = try await reason {
                        try await client.call(
                            "ListUsers", ListUsersRequest(), as: ListUsersResponse.self,
                            service: "authd.v1.AdminService",
                            saying: [MetadataPair(key: key, value: value)])
                    }
                    #expect(refusal == .adminRequired, "\(key): \(value)")
                }
            }
        }

        @Test
        func `No error text holds a secret`() async throws {
            try await withDaemon { home, _, client in
                try await client.register(AttackTests.victim, AttackTests.password)
                let login = try await client.login(AttackTests.victim, AttackTests.password)
                let renewed = try await client.refresh(login.refresh)
                let wrong = AttackTests.others
                let attempts: [@Sendable () async throws -> Void] = [
                    { _ = try await client.login(AttackTests.victim, wrong) },
                    { _ = try await client.login(wrong, AttackTests.password) },
                    { try await client.register(AttackTests.victim, wrong) },
                    { try await client.register("new@example.org", "aaaaaaaaaaaaaaaa") },
                    { try await client.register("new@example.org", "new@example.org-1") },
                    { try await client.register(AttackTests.password, wrong) },
                    { try await client.verify(renewed.refresh) },
                    { try await client.verify(SecretBytes(utf8: wrong)) },
                    { _ = try await client.refresh(renewed.access) },
                    { _ = try await client.refresh(SecretBytes(utf8: wrong)) },
                    { _ = try await client.login(text(of: renewed.refresh), wrong) },
                    { try await client.changePassword(renewed.access, from: wrong, to: "short-1") },
                    { try await client.changePassword(login.refresh, from: wrong, to: "short-2") },
                    { try await client.deleteUser(renewed.access, wrong) },
                ]
                for (number, attempt) in attempts.enumerated() {
                    guard case .failure(let error) = try await outcome(attempt) else {
                        Issue.record("attempt \(number) was not refused")
                        continue
                    }
                    var texts = error.message
                    for detail in error.details {
                        texts += " " + String(decoding: detail.value, as: UTF8.self)
                    }
                    texts = texts.replacing("\0", with: " ")
                    let leaks = home.secrets.leaks(in: texts).filter { $0.utf8.count > 5 }
                    #expect(leaks == [], "attempt \(number): \(texts)")
                    #expect(!texts.contains(AttackTests.victim), "attempt \(number)")
                }
                #expect(home.secrets.count > 8)
            }
        }
    }
}
