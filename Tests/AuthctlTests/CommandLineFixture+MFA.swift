import Foundation
import TestSupport
import Testing

/// A user of the command line who has MFA, and what he was shown.
struct CommandLineMFAUser {
    static let email = "ada@example.com"
    static let password = "violet-anchor-93-trumpet"

    /// In base 32.
    let secret: String
    let recoveryCodes: [String]
    /// When the enrollment code was made.
    let enrolledAt: Int64

    /// The code of the step after the enrollment's: the one code that is good for a test, at once
    /// and for a minute.
    func nextCode() throws -> String {
        try OATHTool.code(of: secret, at: enrolledAt + 30)
    }
}

extension CommandLineFixture {
    private static let password = CommandLineMFAUser.password

    /// Makes a user and logs him in.
    func logIn() throws {
        let registered = try run(
            ["register", CommandLineMFAUser.email, "--password-stdin"], input: Self.password)
        try #require(registered.exitCode == 0, "\(registered.errors)")
        let login = try run(
            ["login", CommandLineMFAUser.email, "--password-stdin"], input: Self.password)
        try #require(login.exitCode == 0, "\(login.errors)")
    }

    /// Turns his MFA on, in the two steps that scripts take.
    func setUpMFA() throws -> CommandLineMFAUser {
        let begun = try run(["mfa", "setup", "--json", "--password-stdin"], input: Self.password)
        try #require(begun.exitCode == 0, "\(begun.errors)")
        let enrollment = try json(begun.output)
        let secret = try #require(enrollment["secret_base32"] as? String)
        let token = try #require(enrollment["enrollment_token"] as? String)
        let now = Int64(Date().timeIntervalSince1970)
        let code = try OATHTool.code(of: secret, at: now)
        let ended = try run(
            ["mfa", "verify", "--json", "--password-stdin"],
            input: "\(Self.password)\n\(token)\n\(code)\n")
        try #require(ended.exitCode == 0, "\(ended.errors)")
        return CommandLineMFAUser(
            secret: secret,
            recoveryCodes: try #require(try json(ended.output)["recovery_codes"] as? [String]),
            enrolledAt: now)
    }

    /// Runs authctl with lines on standard input, the password first.
    @discardableResult
    func run(
        _ arguments: [String], password: String = CommandLineMFAUser.password, _ lines: String...
    ) throws -> Outcome {
        try run(
            arguments + ["--password-stdin"],
            input: ([password] + lines).joined(separator: "\n") + "\n")
    }

    /// The object in an output.
    func json(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }
}
