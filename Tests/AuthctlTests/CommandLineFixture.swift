import Foundation
import Testing

/// A daemon in a temporary directory, and its command line: both are the built programs.
final class CommandLineFixture {
    struct Outcome {
        let exitCode: Int32
        let output: String
        let errors: String
    }

    let home: String
    private var daemon: Process?

    /// - Parameter startsDaemon: false for tests that need none.
    /// - Throws: when the daemon can't be started or does not answer.
    init(startsDaemon: Bool = true) throws {
        home = NSTemporaryDirectory() + "authctl-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(
            atPath: home, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        if startsDaemon { try startDaemon() }
    }

    /// Starts the daemon, and waits until it answers.
    ///
    /// - Parameter settings: environment variables of it, beside the usual ones.
    /// - Throws: when it can't be started or does not answer.
    func startDaemon(_ settings: [String: String] = [:]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.program("authd"))
        process.environment = [
            "AUTHD_STATE_DIR": home + "/state", "AUTHD_LISTEN": "unix:\(home)/s",
            "AUTHD_BCRYPT_COST": "4", "HOME": home,
        ].merging(settings) { $1 }
        process.currentDirectoryURL = URL(fileURLWithPath: home)
        try Data().write(to: URL(fileURLWithPath: log))
        process.standardError = FileHandle(forWritingAtPath: log)
        try process.run()
        daemon = process
        let deadline = Date().addingTimeInterval(30)
        while try run(["health"]).exitCode != 0 {
            try #require(Date() < deadline && process.isRunning, "authd did not start")
        }
    }

    /// The log of the daemon that was started last.
    var log: String { home + "/log" }

    /// Sends the daemon a signal.
    func signalDaemon(_ number: Int32) {
        guard let daemon else { return }
        kill(daemon.processIdentifier, number)
    }

    /// Kills the daemon without warning, or otherwise ends it, and waits for its end.
    func killDaemon(_ number: Int32 = SIGKILL) {
        signalDaemon(number)
        daemon?.waitUntilExit()
    }

    deinit {
        signalDaemon(SIGCONT)
        daemon?.terminate()
        daemon?.waitUntilExit()
        try? FileManager.default.removeItem(atPath: home)
    }

    /// The path of a program beside the test binary.
    static func program(_ name: String) -> String {
        var directory = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        for _ in 0..<4 {
            let path = directory.appendingPathComponent(name).path
            if FileManager.default.isExecutableFile(atPath: path) { return path }
            directory.deleteLastPathComponent()
        }
        return "/nonexistent/" + name
    }

    /// Runs authctl with `arguments`, feeds it `input`, and waits for its end.
    @discardableResult
    func run(_ arguments: [String], input: String = "") throws -> Outcome {
        try run(Self.program("authctl"), arguments, input: input)
    }

    /// Runs a program likewise.
    func run(_ program: String, _ arguments: [String], input: String = "") throws -> Outcome {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.environment = [
            "AUTHD_SOCKET": "unix:\(home)/s", "XDG_STATE_HOME": home + "/client", "HOME": home,
            "PATH": "/usr/bin:/bin", "TERM": "dumb",
        ]
        let (feed, output, errors) = (Pipe(), Pipe(), Pipe())
        process.standardInput = feed
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        try feed.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try feed.fileHandleForWriting.close()
        let text = String(
            decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let words = String(
            decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return Outcome(exitCode: process.terminationStatus, output: text, errors: words)
    }

    /// Runs authctl on a terminal, types `reply` when `prompt` is shown, and returns all that the
    /// terminal showed.
    func converse(_ command: String, prompt: String, reply: String) throws -> Outcome {
        let conversation = try Conversation(self, "authctl \(command)")
        try conversation.expect(prompt)
        try conversation.type(reply)
        return try conversation.end()
    }

    /// The file with the tokens of a profile.
    func tokenFile(_ profile: String = "default") -> String {
        "\(home)/client/authctl/\(profile).json"
    }
}
