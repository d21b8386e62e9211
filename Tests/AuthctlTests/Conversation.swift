import Foundation
import Glibc
import Testing

/// A command on a terminal, which script(1) makes, and a person who types.
final class Conversation {
    /// Longer than any command takes, on however busy a machine.
    private static let patience: Int32 = 60

    private let process = Process()
    private let keyboard = Pipe()
    private let screen = Pipe()
    private var shown = Data()
    /// How much of it has been looked at.
    private var seen = 0

    /// - Parameters:
    ///   - fixture: whose daemon and client state are used.
    ///   - command: a line for the shell; `authctl` is the built one.
    ///   - environment: variables of it, beside the usual ones.
    /// - Throws: when it can't be started.
    init(
        _ fixture: CommandLineFixture, _ command: String, _ environment: [String: String] = [:]
    ) throws {
        let folder = URL(fileURLWithPath: CommandLineFixture.program("authctl"))
            .deletingLastPathComponent().path
        process.executableURL = URL(fileURLWithPath: "/usr/bin/script")
        process.arguments = ["-qec", command, "/dev/null"]
        process.environment = [
            "AUTHD_SOCKET": "unix:\(fixture.home)/s", "XDG_STATE_HOME": fixture.home + "/client",
            "SHELL": "/bin/sh", "PATH": "\(folder):/usr/bin:/bin", "TERM": "xterm-256color",
        ].merging(environment) { $1 }
        process.currentDirectoryURL = URL(fileURLWithPath: fixture.home)
        process.standardInput = keyboard
        process.standardOutput = screen
        try process.run()
    }

    /// All that was shown so far.
    var text: String { String(decoding: shown, as: UTF8.self) }

    /// Waits until `prompt` is shown, once more than when it was last waited for.
    ///
    /// - Throws: when it never is.
    func expect(_ prompt: String) throws {
        while true {
            if let range = shown.range(of: Data(prompt.utf8), in: seen..<shown.count) {
                seen = range.upperBound
                return
            }
            try #require(try read(), "'\(prompt)' was not shown, but: \(text)")
        }
    }

    /// Types a line.
    func type(_ line: String) throws {
        try press(line + "\n")
    }

    /// Types keys, such as Ctrl-C, which is U+0003.
    func press(_ keys: String) throws {
        try keyboard.fileHandleForWriting.write(contentsOf: Data(keys.utf8))
    }

    /// Waits for the end. All that the terminal showed is in `output`.
    func end() throws -> CommandLineFixture.Outcome {
        while try read() {}
        try keyboard.fileHandleForWriting.close()
        process.waitUntilExit()
        return CommandLineFixture.Outcome(
            exitCode: process.terminationStatus, output: text, errors: "")
    }

    /// Takes what the terminal shows next; false when it shows nothing any more.
    private func read() throws -> Bool {
        let descriptor = screen.fileHandleForReading.fileDescriptor
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let ready = poll(&request, 1, Conversation.patience * 1000)
        try #require(ready > 0, "nothing happened for a minute after: \(text)")
        let more = screen.fileHandleForReading.availableData
        shown += more
        return !more.isEmpty
    }
}
