import Foundation
import Testing

/// The files that `authctl admin import` and `export` write.
@Suite struct TransferFilesTests {
    /// Of "violet-anchor-93-trumpet", by bcrypt.
    private static let hash = "$2b$05$vXVc0bZkMgA6Zi/4lJ6wSuH4TO/ZICrZjf8Iyn/7EVFcB6bpi.4PK"

    private let fixture: CommandLineFixture
    private var input: String { fixture.home + "/users.jsonl" }

    init() throws {
        fixture = try CommandLineFixture()
    }

    private static func line(_ email: String) -> String {
        #"{"email":"\#(email)","password_hash":"\#(hash)"}"#
    }

    private func write(_ lines: [String]) throws {
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(filePath: input))
    }

    private func type(_ path: String) throws -> FileAttributeType? {
        try FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
    }

    private func leftovers() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: fixture.home)
            .filter { $0.contains("unfinished") }
    }

    @Test(arguments: [false, true])
    func `A report to a device, a FIFO or a link does not replace it`(_ isRefused: Bool) throws {
        try write([Self.line(isRefused ? "nobody" : "a@example.com")])
        let exitCode: Int32 = isRefused ? 1 : 0
        let link = fixture.home + "/link"
        try FileManager.default.createSymbolicLink(
            atPath: link, withDestinationPath: "/dev/null")
        #expect(try fixture.run(["admin", "import", input, "--report", link]).exitCode == exitCode)
        #expect(try type(link) == .typeSymbolicLink)
        let fifo = fixture.home + "/fifo"
        try #require(mkfifo(fifo, 0o600) == 0)
        let script = "cat \"$1\" & \"$2\" admin import \"$3\" --report \"$1\" >&2; echo $?; wait"
        let outcome = try fixture.run(
            "/bin/sh",
            ["-c", script, "sh", fifo, CommandLineFixture.program("authctl"), input])
        #expect(outcome.output.contains("\(exitCode)\n"), "\(outcome.errors)")
        #expect(outcome.output.contains("EMAIL_INVALID") == isRefused)
        #expect(try type(fifo) != .typeRegular)
        // Only root can make a device.
        let device = fixture.home + "/null"
        if mknod(device, S_IFCHR | 0o600, dev_t(0x103)) == 0 {
            let outcome = try fixture.run(["admin", "import", input, "--report", device])
            // Where devices of a temporary directory can't be opened, that is said.
            #expect(outcome.exitCode == exitCode || outcome.exitCode == 2)
            #expect(try type(device) == .typeCharacterSpecial)
        }
    }

    @Test func `The input file or a directory is refused as the report file`() throws {
        try write([Self.line("a@example.com")])
        let content = try Data(contentsOf: URL(filePath: input))
        let (link, hardLink) = (fixture.home + "/link", fixture.home + "/hard")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: input)
        try FileManager.default.linkItem(atPath: input, toPath: hardLink)
        for report in [input, link, hardLink, fixture.home] {
            let outcome = try fixture.run(["admin", "import", input, "--report", report])
            #expect(outcome.exitCode == 2 && outcome.errors.contains("FILE"), "\(report)")
            #expect(try Data(contentsOf: URL(filePath: input)) == content)
        }
        #expect(try type(link) == .typeSymbolicLink)
        #expect(try fixture.run(["admin", "users", "show", "a@example.com"]).exitCode == 1)
    }

    @Test func `A report replaces an earlier one, and is removed when nothing is refused`()
        throws
    {
        let report = input + ".refused.jsonl"
        try Data("earlier".utf8).write(to: URL(filePath: report))
        try write([Self.line("nobody")])
        #expect(try fixture.run(["admin", "import", input]).exitCode == 1)
        let content = try String(contentsOfFile: report, encoding: .utf8)
        #expect(content.contains("EMAIL_INVALID") && !content.contains("earlier"))
        let mode = try FileManager.default.attributesOfItem(atPath: report)[.posixPermissions]
        #expect(mode as? Int == 0o600)
        try write([Self.line("a@example.com")])
        // An import that reaches nobody leaves it alone.
        let noDaemon = ["--socket", "unix:\(fixture.home)/none", "--timeout", "1"]
        #expect(try fixture.run(["admin", "import", input] + noDaemon).exitCode > 1)
        #expect(try String(contentsOfFile: report, encoding: .utf8) == content)
        #expect(try fixture.run(["admin", "import", input]).exitCode == 0)
        #expect(!FileManager.default.fileExists(atPath: report))
        #expect(try leftovers() == [])
    }

    /// An export that has begun and waits for a daemon that stands still.
    private func begunExport(to path: String) throws -> Process {
        fixture.signalDaemon(SIGSTOP)
        let process = Process()
        process.executableURL = URL(filePath: CommandLineFixture.program("authctl"))
        process.arguments = ["admin", "export", path]
        process.environment = ["AUTHD_SOCKET": "unix:\(fixture.home)/s", "HOME": fixture.home]
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        let deadline = Date().addingTimeInterval(60)
        while try leftovers().isEmpty {
            try #require(Date() < deadline && process.isRunning, "the export did not begin")
        }
        return process
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func `An interrupted export leaves no file behind`(_ signal: Int32) throws {
        let path = fixture.home + "/export.jsonl"
        let process = try begunExport(to: path)
        #expect(!FileManager.default.fileExists(atPath: path))
        kill(process.processIdentifier, signal)
        process.waitUntilExit()
        fixture.signalDaemon(SIGCONT)
        #expect(process.terminationReason == .uncaughtSignal)
        #expect(process.terminationStatus == signal)
        #expect(!FileManager.default.fileExists(atPath: path))
        #expect(try leftovers() == [])
    }

    @Test func `An export does not overwrite a file that appears while it runs`() throws {
        let path = fixture.home + "/export.jsonl"
        let process = try begunExport(to: path)
        try Data("precious".utf8).write(to: URL(filePath: path))
        fixture.signalDaemon(SIGCONT)
        process.waitUntilExit()
        #expect(process.terminationStatus == 2)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "precious")
        #expect(try leftovers() == [])
    }
}
