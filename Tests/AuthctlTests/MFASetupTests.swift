import Foundation
import TestSupport
import Testing

/// `authctl mfa setup`, and the prompts for codes, on a terminal. A scanner and an authenticator
/// that are not ours read what is drawn and make the codes.
@Suite(
    .enabled(
        if: OATHTool.isInstalled && Scanner.isInstalled,
        "oathtool or zbarimg (zbar-tools) is not installed"))
struct MFASetupTests {
    private static let password = CommandLineMFAUser.password
    private static let passwordPrompt = "Password for ada@example.com: "
    private static let codePrompt = "First authenticator code: "
    private static let colors = "\u{1B}[38;5;16;48;5;231m"

    private func loggedIn() throws -> CommandLineFixture {
        let fixture = try CommandLineFixture()
        try fixture.logIn()
        return fixture
    }

    /// A setup that has come to the prompt for the first code.
    private func begin(
        _ fixture: CommandLineFixture, _ options: String = "", size: (Int, Int)? = (80, 24),
        _ environment: [String: String] = [:]
    ) throws -> Conversation {
        let resize = size.map { "stty cols \($0.0) rows \($0.1) && " } ?? ""
        let conversation = try Conversation(
            fixture, "\(resize)authctl mfa setup \(options)", environment)
        try conversation.expect(Self.passwordPrompt)
        try conversation.type(Self.password)
        try conversation.expect(Self.codePrompt)
        return conversation
    }

    /// The lines with half blocks, without what stands beside them.
    private func drawing(_ text: String, isColored: Bool = true) -> String {
        let lines = text.replacingOccurrences(of: "\r\n", with: "\n").split(separator: "\n")
        guard isColored else {
            // The first line of the border is drawn all over.
            let drawn = lines.drop { !$0.hasPrefix("██████") }
            let width = drawn.first?.prefix { $0 == "█" }.count ?? 0
            return drawn.prefix { $0.hasPrefix("██") }.map { $0.prefix(width) + "\n" }.joined()
        }
        return lines.filter { $0.hasPrefix(Self.colors) }
            .map { $0.components(separatedBy: "\u{1B}[0m")[0] + "\u{1B}[0m\n" }.joined()
    }

    private func scanned(_ drawing: String, lightOnDark: Bool = false) throws -> String? {
        let picture = TerminalPicture(drawing, lightOnDark: lightOnDark)
        return try Scanner.read(picture.graymap(modulePixels: 4), suffix: "pgm")
    }

    /// The secret as the screen shows it: groups of four, four in a line.
    private func shownSecret(_ text: String) throws -> String {
        let group = "[A-Z2-7]{4}"
        let line = "\(group) \(group) \(group) \(group)"
        let expression = try Regex(line)
        let lines = text.matches(of: expression).map { String(text[$0.range]) }
        return lines.joined().replacingOccurrences(of: " ", with: "")
    }

    private func code(of secret: String) throws -> String {
        try OATHTool.code(of: secret, at: Int64(Date().timeIntervalSince1970))
    }

    private func secret(in uri: String) throws -> String {
        let items = try #require(URLComponents(string: uri)?.queryItems)
        return try #require(items.first { $0.name == "secret" }?.value)
    }

    private func isOn(_ fixture: CommandLineFixture) throws -> Bool? {
        try fixture.json(try fixture.run(["mfa", "status", "--json"]).output)["enabled"] as? Bool
    }

    @Test func `The QR code on the terminal is scannable, and its codes enable MFA and log in`()
        throws
    {
        let fixture = try loggedIn()
        let conversation = try begin(fixture)
        let uri = try #require(try scanned(drawing(conversation.text)))
        #expect(uri.hasPrefix("otpauth://totp/authd:ada%40example.com?secret="))
        let secret = try secret(in: uri)
        #expect(try shownSecret(conversation.text) == secret)
        let enrolledAt = Int64(Date().timeIntervalSince1970)
        let first = try OATHTool.code(of: secret, at: enrolledAt)
        try conversation.type(first)
        let outcome = try conversation.end()
        #expect(outcome.exitCode == 0, "\(outcome.output)")
        #expect(!outcome.output.contains(first) && !outcome.output.contains(Self.password))
        let codes = outcome.output.split { $0.isWhitespace }
            .filter { $0.wholeMatch(of: /[0-9A-Z]{5}-[0-9A-Z]{5}-[0-9A-Z]{5}/) != nil }
        #expect(Set(codes).count == 10)
        #expect(try isOn(fixture) == true)

        let login = try Conversation(fixture, "authctl login ada@example.com")
        try login.expect("Password for ada@example.com: ")
        try login.type(Self.password)
        try login.expect("Authenticator code or recovery code: ")
        try login.type(first)
        try login.expect("the code is wrong, expired or already used")
        try login.expect("Authenticator code or recovery code: ")
        let next = try OATHTool.code(of: secret, at: enrolledAt + 30)
        try login.type(next)
        let loggedIn = try login.end()
        #expect(loggedIn.exitCode == 0, "\(loggedIn.output)")
        #expect(loggedIn.output.contains("recovery codes left   10"))
        #expect(!loggedIn.output.contains(first) && !loggedIn.output.contains(next))
    }

    @Test func `Without MFA a login does not prompt for a code`() throws {
        let fixture = try loggedIn()
        let login = try Conversation(fixture, "authctl login ada@example.com")
        try login.expect("Password for ada@example.com: ")
        try login.type(Self.password)
        let outcome = try login.end()
        #expect(outcome.exitCode == 0)
        #expect(!outcome.output.contains("Authenticator code"))
    }

    @Test func `The QR code, the secret and the prompt fit on an 80 by 24 terminal`() throws {
        let fixture = try loggedIn()
        let conversation = try begin(fixture)
        let drawn = drawing(conversation.text)
        #expect(drawn.split(separator: "\n").count == 23)
        let after = try #require(conversation.text.range(of: Self.colors))
        let visible = conversation.text[after.lowerBound...]
        #expect(try shownSecret(String(visible)).count == 32)
        #expect(visible.split(separator: "\r\n").count == 24)
        for line in visible.replacingOccurrences(of: Self.colors, with: "")
            .replacingOccurrences(of: "\u{1B}[0m", with: "").split(separator: "\r\n")
        {
            #expect(line.count <= 80)
        }
        try conversation.press("\u{3}")
        _ = try conversation.end()
    }

    @Test func `Without color or a known terminal size the QR code is still scannable`() throws {
        let fixture = try loggedIn()
        for (environment, size) in [
            (["TERM": "dumb"], (200, 60)), (["NO_COLOR": "1"], (60, 60)),
            (["TERM": "dumb"], nil),
        ] as [([String: String], (Int, Int)?)] {
            let conversation = try begin(fixture, size: size, environment)
            #expect(!conversation.text.contains("\u{1B}"))
            let drawn = drawing(conversation.text, isColored: false)
            let uri = try #require(try scanned(drawn, lightOnDark: true))
            #expect(try shownSecret(conversation.text) == secret(in: uri))
            try conversation.press("\u{3}")
            _ = try conversation.end()
        }
    }

    @Test func `A terminal that is too small shows the secret and the size that is needed`() throws
    {
        let fixture = try loggedIn()
        for (size, need) in [((44, 60), "45 columns"), ((60, 23), "24 lines")] {
            let conversation = try begin(fixture, size: size)
            #expect(conversation.text.contains(need))
            #expect(try shownSecret(conversation.text).count == 32)
            #expect(drawing(conversation.text).isEmpty == (need == "45 columns"))
            try conversation.press("\u{3}")
            _ = try conversation.end()
        }
    }

    @Test func `Ctrl-C at a prompt restores the echo and leaves MFA disabled`() throws {
        let fixture = try loggedIn()
        for prompts in [[Self.passwordPrompt], [Self.passwordPrompt, Self.codePrompt]] {
            // The shell lives on; what it sets for itself is not inherited.
            let conversation = try Conversation(
                fixture, "trap : INT; authctl mfa setup --qr none; echo ended $?; stty -a")
            for prompt in prompts {
                try conversation.expect(prompt)
                if prompt != prompts.last { try conversation.type(Self.password) }
            }
            try conversation.press("\u{3}")
            let outcome = try conversation.end()
            #expect(outcome.output.contains("ended 130"))
            #expect(outcome.output.contains(" echo "), "\(outcome.output)")
            #expect(!outcome.output.contains("-echo "))
        }
        #expect(try isOn(fixture) == false)
    }

    @Test func `Three wrong codes abort the setup and leave MFA disabled`() throws {
        let fixture = try loggedIn()
        let conversation = try begin(fixture, "--qr none")
        for wrong in ["00000", "1234567"] {
            try conversation.type(wrong)
            try conversation.expect(Self.codePrompt)
        }
        try conversation.type("no code")
        let outcome = try conversation.end()
        #expect(outcome.exitCode == 1)
        #expect(outcome.output.contains("MFA_CODE_INVALID"))
        #expect(try isOn(fixture) == false)
    }

    @Test func `Setup writes the secret to no file, even when standard output is redirected`()
        throws
    {
        let fixture = try loggedIn()
        let conversation = try begin(fixture, "> out.txt")
        let secret = try shownSecret(conversation.text)
        try conversation.type(try code(of: secret))
        #expect(try conversation.end().exitCode == 0)
        let home = URL(fileURLWithPath: fixture.home)
        var looked = 0
        for path in try FileManager.default.subpathsOfDirectory(atPath: fixture.home) {
            // A socket can't be read.
            guard let data = try? Data(contentsOf: home.appending(path: path)) else { continue }
            looked += 1
            for form in [secret, secret.lowercased()] {
                #expect(data.range(of: Data(form.utf8)) == nil, "\(path)")
            }
        }
        #expect(looked > 4)
        let codes = try String(contentsOf: home.appending(path: "out.txt"), encoding: .utf8)
        #expect(codes.contains("Recovery codes"))
    }

    @Test func `The PNG is scannable and created readable by its owner only`() throws {
        let fixture = try loggedIn()
        let conversation = try begin(fixture, "--qr none --png code.png")
        #expect(conversation.text.contains("Remove it after scanning"))
        let path = fixture.home + "/code.png"
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        let png = try Data(contentsOf: URL(fileURLWithPath: path))
        let uri = try #require(try Scanner.read(Array(png), suffix: "png"))
        #expect(try secret(in: uri) == shownSecret(conversation.text))
        try conversation.type(try code(of: secret(in: uri)))
        #expect(try conversation.end().exitCode == 0)
    }

    @Test func `An existing file, link or directory is never overwritten by the PNG`() throws {
        let fixture = try loggedIn()
        let path = fixture.home + "/precious.txt"
        try Data("precious".utf8).write(to: URL(fileURLWithPath: path))
        let link = fixture.home + "/link.png"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "nowhere")
        for existing in [path, link, fixture.home] {
            let outcome = try fixture.run(["mfa", "setup", "--json", "--png", existing])
            #expect(outcome.exitCode == 2)
            #expect(outcome.errors.contains("FILE_EXISTS"))
        }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "precious")
        #expect(!FileManager.default.fileExists(atPath: fixture.home + "/nowhere"))
        let nowhere = try fixture.run(
            ["mfa", "setup", "--json", "--png", fixture.home + "/no/such/folder.png"],
            Self.password)
        #expect(nowhere.exitCode == 2)
        #expect(nowhere.errors.contains("FILE_NOT_WRITTEN"))
    }
}
