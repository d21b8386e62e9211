import Foundation
import TestSupport
import Testing

/// The commands for second factors as scripts use them: lines on standard input, JSON, exit codes.
@Suite(.enabled(if: OATHTool.isInstalled, "oathtool is not installed"))
struct MFACommandTests {
    private static let email = CommandLineMFAUser.email
    private static let password = CommandLineMFAUser.password
    private static let newPassword = "copper-lantern-58-meadow"

    private func reason(_ outcome: CommandLineFixture.Outcome) -> String? {
        guard let open = outcome.errors.lastIndex(of: "("),
            let close = outcome.errors.lastIndex(of: ")"), open < close
        else { return nil }
        return String(outcome.errors[outcome.errors.index(after: open)..<close])
    }

    @Test func `A script enables MFA in two steps and logs in with each code once`() throws {
        let fixture = try CommandLineFixture()
        try fixture.logIn()
        let before = try fixture.json(try fixture.run(["mfa", "status", "--json"]).output)
        #expect(before["enabled"] as? Bool == false)
        let user = try fixture.setUpMFA()
        #expect(user.recoveryCodes.count == 10)

        let without = try fixture.run(["login", Self.email], password: Self.password)
        #expect(without.exitCode == 1)
        #expect(reason(without) == "MFA_REQUIRED")
        #expect(without.errors.contains("--password-stdin"))

        let code = try user.nextCode()
        let with = try fixture.run(["login", Self.email, "--json"], code)
        #expect(with.exitCode == 0, "\(with.errors)")
        let shown = try fixture.json(with.output)
        #expect(shown["mfa_used"] as? Bool == true)
        #expect(shown["recovery_codes_left"] as? Int == 10)
        #expect(shown["recovery_codes_low"] as? Bool == false)

        let again = try fixture.run(["login", Self.email], code)
        #expect(again.exitCode == 1)
        #expect(reason(again) == "MFA_CODE_INVALID")

        let recovered = try fixture.run(["login", Self.email], user.recoveryCodes[0].lowercased())
        #expect(recovered.exitCode == 0, "\(recovered.errors)")
        #expect(try fixture.run(["whoami"]).output.contains("pwd, recovery"))
        let status = try fixture.json(try fixture.run(["mfa", "--json"]).output)
        #expect(status["enabled"] as? Bool == true)
        #expect(status["recovery_codes_left"] as? Int == 9)
        #expect((status["enabled_at"] as? String)?.hasSuffix("Z") == true)
        #expect(try fixture.run(["mfa", "status"]).output.contains("recovery codes left  9"))
    }

    @Test func `Few remaining recovery codes cause a warning, and new ones replace them`() throws {
        let fixture = try CommandLineFixture()
        try fixture.logIn()
        let user = try fixture.setUpMFA()
        for (index, code) in user.recoveryCodes.prefix(7).enumerated() {
            let outcome = try fixture.run(["login", Self.email], code)
            #expect(outcome.exitCode == 0, "\(outcome.errors)")
            #expect(outcome.errors.contains("3 recovery codes are left") == (index == 6))
        }
        let quiet = try fixture.run(["login", Self.email, "--json"], user.recoveryCodes[7])
        #expect(quiet.errors.isEmpty)
        #expect(try fixture.json(quiet.output)["recovery_codes_low"] as? Bool == true)

        let digits = try user.nextCode()
        // As authenticators show it.
        let spaced = digits.prefix(3) + " " + digits.suffix(3)
        let renewed = try fixture.run(["mfa", "recovery-codes", "--json"], String(spaced))
        #expect(renewed.exitCode == 0, "\(renewed.errors)")
        let codes = try #require(try fixture.json(renewed.output)["recovery_codes"] as? [String])
        #expect(Set(codes).count == 10)
        let old = try fixture.run(["login", Self.email], user.recoveryCodes[9])
        #expect(reason(old) == "MFA_CODE_INVALID")
        #expect(try fixture.run(["login", Self.email], codes[0]).exitCode == 0)
    }

    @Test func `passwd, mfa disable and delete-user require a code while MFA is enabled`() throws {
        let fixture = try CommandLineFixture()
        try fixture.logIn()
        let user = try fixture.setUpMFA()
        let codes = user.recoveryCodes
        #expect(reason(try fixture.run(["passwd"], Self.newPassword)) == "MFA_REQUIRED")
        let changed = try fixture.run(["passwd", "--json"], Self.newPassword, codes[0])
        #expect(changed.exitCode == 0, "\(changed.errors)")
        #expect(try fixture.json(changed.output)["mfa_disabled"] as? Bool == false)

        let without = try fixture.run(["mfa", "disable"], password: Self.newPassword)
        #expect(without.exitCode == 1)
        #expect(reason(without) == "MFA_REQUIRED")
        let removal = try fixture.run(["delete-user"], password: Self.newPassword)
        #expect(reason(removal) == "MFA_REQUIRED")
        let off = try fixture.run(
            ["mfa", "disable", "--json"], password: Self.newPassword, try user.nextCode())
        #expect(off.exitCode == 0, "\(off.errors)")
        #expect(try fixture.json(off.output)["mfa"] as? String == "off")
        #expect(
            reason(try fixture.run(["mfa", "disable"], password: Self.newPassword))
                == "MFA_NOT_ENABLED")
        #expect(
            try fixture.run(["delete-user"], password: Self.newPassword).exitCode == 0)
    }

    @Test func `mfa validate consumes its code, and delete-user accepts a recovery code`() throws {
        let fixture = try CommandLineFixture()
        try fixture.logIn()
        let user = try fixture.setUpMFA()
        let code = try user.nextCode()
        let valid = try fixture.run(["mfa", "validate", "--json"], code)
        #expect(valid.exitCode == 0, "\(valid.errors)")
        #expect(try fixture.json(valid.output)["code"] as? String == "valid")
        for refused in [code, "00000", "٣٣٣٣٣٣", user.recoveryCodes[0]] {
            let outcome = try fixture.run(["mfa", "validate"], refused)
            #expect(outcome.exitCode == 1)
            #expect(reason(outcome) == "MFA_CODE_INVALID")
        }
        #expect(try fixture.run(["delete-user"], user.recoveryCodes[0]).exitCode == 0)
        #expect(try fixture.run(["whoami"]).exitCode == 5)
    }

    @Test func `After the MFA secret is lost, passwd disables MFA and says so`() throws {
        let fixture = try CommandLineFixture()
        try fixture.logIn()
        let user = try fixture.setUpMFA()
        fixture.killDaemon()
        // The daemon makes itself another secret, as after a restored backup without the file.
        let secret = fixture.home + "/state/jwt_secret"
        try FileManager.default.moveItem(atPath: secret, toPath: secret + ".lost")
        try fixture.startDaemon()
        let refused = try fixture.run(["login", Self.email], try user.nextCode())
        #expect(refused.exitCode == 1)
        #expect(reason(refused) == "MFA_SECRET_UNREADABLE")
        #expect(try fixture.run(["login", Self.email], user.recoveryCodes[0]).exitCode == 0)
        let changed = try fixture.run(["passwd"], Self.newPassword, user.recoveryCodes[1])
        #expect(changed.exitCode == 0, "\(changed.errors)")
        #expect(changed.errors.contains("MFA was turned off"))
        #expect(changed.errors.contains("authctl mfa setup"))
        #expect(
            try fixture.run(["login", Self.email], password: Self.newPassword).exitCode == 0)
    }

    @Test func `The trace log of MFA commands contains no secret and no code`() throws {
        let fixture = try CommandLineFixture(startsDaemon: false)
        try fixture.startDaemon(["AUTHD_LOG_LEVEL": "trace"])
        try fixture.logIn()
        let user = try fixture.setUpMFA()
        let code = try user.nextCode()
        let codes = user.recoveryCodes
        try fixture.run(["mfa", "validate"], code)
        for refused in [code, user.secret, "no-such-code"] {
            #expect(try fixture.run(["login", Self.email], refused).exitCode == 1)
        }
        #expect(try fixture.run(["login", Self.email], codes[0]).exitCode == 0)
        #expect(try fixture.run(["passwd"], Self.newPassword, codes[1]).exitCode == 0)
        let off = try fixture.run(["mfa", "disable"], password: Self.newPassword, codes[2])
        #expect(off.exitCode == 0, "\(off.errors)")
        let log = try String(contentsOfFile: fixture.log, encoding: .utf8)
        // The search does find what is there: the log names the calls.
        for method in ["RegisterMfa", "VerifyMfa", "ValidateMfa", "DisableMfa"] {
            #expect(log.contains(method))
        }
        let secrets = [Self.password, Self.newPassword, user.secret, "no-such-code"] + codes
        for secret in secrets { #expect(!log.contains(secret)) }
        let words = log.split { !$0.isLetter && !$0.isNumber }
        #expect(!words.contains { $0 == code })
    }

    @Test
    func `A missing input line exits with code 2, and a code is never accepted as an argument`()
        throws
    {
        let fixture = try CommandLineFixture()
        try fixture.logIn()
        for command in ["setup", "verify", "validate", "recovery-codes"] {
            let outcome = try fixture.run(["mfa", command])
            let ended = try fixture.run(["mfa", command, "--password-stdin"], input: "")
            #expect(ended.exitCode == 2)
            #expect(reason(ended) == "NO_PASSWORD")
            // No password was given, and there is no terminal.
            #expect(outcome.exitCode == 2)
        }
        #expect(reason(try fixture.run(["mfa", "setup"], password: Self.password)) == "NO_CODE")
        #expect(reason(try fixture.run(["mfa", "verify"], password: Self.password)) == "NO_TOKEN")
        #expect(reason(try fixture.run(["mfa", "verify"], "token")) == "NO_CODE")
        #expect(reason(try fixture.run(["mfa", "validate"], password: Self.password)) == "NO_CODE")
        for arguments in [
            ["mfa", "validate", "123456"], ["mfa", "verify", "token", "123456"],
            ["login", Self.email, "--code", "123456"], ["mfa", "setup", "--qr", "huge"],
        ] {
            #expect(try fixture.run(arguments, "123456").exitCode == 2)
        }
    }

    @Test
    func `Without MFA the commands tell how to enable it, and a bad token how to start again`()
        throws
    {
        let fixture = try CommandLineFixture()
        try fixture.logIn()
        for command in [["mfa", "validate"], ["mfa", "recovery-codes"]] {
            let outcome = try fixture.run(command, "123456")
            #expect(outcome.exitCode == 1)
            #expect(reason(outcome) == "MFA_NOT_ENABLED")
            #expect(outcome.errors.contains("authctl mfa setup"))
        }
        let outcome = try fixture.run(["mfa", "verify"], "v1.00000000.AAAA", "123456")
        #expect(outcome.exitCode == 1)
        #expect(reason(outcome) == "MFA_ENROLLMENT_INVALID")
        #expect(outcome.errors.contains("start again"))
        #expect(try fixture.run(["mfa"]).output.hasPrefix("MFA  off"))
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func `Completion scripts contain the MFA commands and QR code styles`(shell: String) throws {
        let fixture = try CommandLineFixture(startsDaemon: false)
        let script = try fixture.run(["--generate-completion-script", shell]).output
        for word in [
            "setup", "verify", "validate", "status", "disable", "recovery-codes", "light-on-dark",
            shell == "fish" ? "-l 'png'" : "--png", shell == "fish" ? "-l 'qr'" : "--qr",
        ] {
            #expect(script.contains(word), "\(word)")
        }
    }
}
