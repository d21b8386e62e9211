import Foundation
import Testing

/// A program that was run to its end, such as `authctl`.
struct CommandRun: Sendable {
    let exitCode: Int32
    let output: String

    private final class BundleMarker {}

    /// Runs `authctl`, as another user of the machine when `uid` is given; that needs root.
    static func authctl(
        _ arguments: [String], uid: UInt32? = nil, environment: [String: String] = [:]
    ) async throws -> CommandRun {
        let path = Bundle(for: BundleMarker.self).bundleURL.appendingPathComponent("authctl").path
        guard let uid else { return try await run([path] + arguments, environment) }
        let user = [
            "/usr/bin/setpriv", "--reuid=\(uid)", "--regid=\(uid)", "--clear-groups", "--",
        ]
        return try await run(user + [path] + arguments, environment)
    }

    /// Runs the program at `path`.
    static func program(_ path: String, _ arguments: [String]) async throws -> CommandRun {
        try await run([path] + arguments, [:])
    }

    private static func run(
        _ words: [String], _ environment: [String: String]
    ) async throws -> CommandRun {
        try await offPool {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: words[0])
            process.arguments = Array(words.dropFirst())
            process.environment = ["PATH": "/usr/bin:/bin", "HOME": "/nonexistent"].merging(
                environment
            ) { $1 }
            process.currentDirectoryURL = URL(fileURLWithPath: "/")
            let pipe = Pipe()
            process.standardOutput = pipe
            process.standardError = pipe
            process.standardInput = FileHandle.nullDevice
            try process.run()
            let output = pipe.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            return CommandRun(
                exitCode: process.terminationStatus,
                output: String(decoding: output, as: UTF8.self))
        }
    }
}
