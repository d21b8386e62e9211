import Foundation
import Testing

/// `authctl admin`, on a daemon of the same user.
@Suite struct AdminCommandTests {
    private static let password = "violet-anchor-93-trumpet"
    private static let new = "another-long-passphrase-71"

    private func registered(_ count: Int = 1) throws -> CommandLineFixture {
        let fixture = try CommandLineFixture()
        for number in 0..<count {
            let outcome = try fixture.run(
                ["register", "user-\(number)@example.com", "--password-stdin"],
                input: Self.password + "\n")
            #expect(outcome.exitCode == 0, "\(outcome.errors)")
        }
        return fixture
    }

    private func json(_ text: String) throws -> [String: Any] {
        let object = try JSONSerialization.jsonObject(with: Data(text.utf8))
        return try #require(object as? [String: Any])
    }

    @Test func `Accounts are listed and shown as text and as JSON`() throws {
        let fixture = try registered(5)
        let table = try fixture.run(["admin", "users"]).output
        #expect(table.split(separator: "\n").count == 6)
        #expect(table.hasPrefix("EMAIL"))
        let lines = try fixture.run(["admin", "users", "list", "--json", "--page-size", "2"])
            .output.split(separator: "\n")
        let emails = try lines.map { try json(String($0))["email"] as? String ?? "" }
        #expect(Set(emails) == Set((0..<5).map { "user-\($0)@example.com" }))
        let shown = try json(
            fixture.run(["admin", "users", "show", "USER-3@example.com", "--json"]).output)
        #expect(shown["email"] as? String == "user-3@example.com")
        #expect(shown["disabled"] as? Bool == false)
        #expect(shown["session_count"] as? Int == 0)
        #expect(shown["password_scheme"] as? String == "bcrypt 4")
        let people = try fixture.run(["admin", "users", "show", "user-3@example.com"])
        #expect(people.output.contains("never"))
        let missing = try fixture.run(["admin", "users", "show", "nobody@example.com"])
        #expect(missing.exitCode == 1 && missing.errors.contains("USER_NOT_FOUND"))
    }

    @Test func `An account is disabled, enabled, and removed`() throws {
        let fixture = try registered()
        let email = "user-0@example.com"
        func login() throws -> Int32 {
            try fixture.run(
                ["login", email, "--password-stdin"], input: Self.password + "\n"
            ).exitCode
        }
        #expect(try fixture.run(["admin", "users", "disable", email, "--yes"]).exitCode == 0)
        #expect(try login() == 1)
        #expect(try fixture.run(["admin", "users", "enable", email]).exitCode == 0)
        #expect(try login() == 0)
        #expect(try fixture.run(["admin", "revoke-sessions", email, "-y"]).exitCode == 0)
        #expect(try fixture.run(["refresh"]).errors.contains("TOKEN_REVOKED"))
        #expect(try fixture.run(["admin", "users", "unlock", email]).exitCode == 0)
        let reset = try fixture.run(["admin", "mfa-reset", email, "--yes", "--json"])
        #expect(reset.exitCode == 1 && reset.errors.contains("MFA_NOT_ENABLED"))
        #expect(try fixture.run(["admin", "users", "delete", email, "--yes"]).exitCode == 0)
        #expect(try login() == 1)
    }

    @Test func `Deleting an account asks for confirmation and does nothing without it`() throws {
        let fixture = try registered()
        let email = "user-0@example.com"
        for reply in ["n", "", "yesterday"] {
            let outcome = try fixture.converse(
                "admin users delete \(email)", prompt: "[y/N]", reply: reply)
            #expect(outcome.exitCode == 2 && outcome.output.contains("NOT_CONFIRMED"))
        }
        #expect(try fixture.run(["admin", "users", "show", email]).exitCode == 0)
        let outcome = try fixture.converse(
            "admin users delete \(email)", prompt: "[y/N]", reply: "y")
        #expect(outcome.exitCode == 0, "\(outcome.output)")
        #expect(try fixture.run(["admin", "users", "show", email]).exitCode == 1)
    }

    @Test func `A user sets a new password with a one-time reset token`() throws {
        let fixture = try registered()
        let email = "user-0@example.com"
        let ticket = try json(fixture.run(["admin", "password-reset", email, "--json"]).output)
        let token = try #require(ticket["reset_token"] as? String)
        let weak = try fixture.run(
            ["reset-password", "--password-stdin"], input: "\(token)\npassword\n")
        #expect(weak.exitCode == 1 && weak.errors.contains("PASSWORD_TOO_WEAK"))
        let reset = try fixture.run(
            ["reset-password", "--password-stdin", "--json"], input: "\(token)\n\(Self.new)\n")
        #expect(reset.exitCode == 0, "\(reset.errors)")
        #expect(try json(reset.output)["mfa_disabled"] as? Bool == false)
        let again = try fixture.run(
            ["reset-password", "--password-stdin"], input: "\(token)\n\(Self.new)x\n")
        #expect(again.exitCode == 1 && again.errors.contains("TOKEN_INVALID"))
        let login = try fixture.run(
            ["login", email, "--password-stdin"], input: Self.new + "\n")
        #expect(login.exitCode == 0)
    }
}
