import Bytes
import DispatchBridge
import Foundation
import TestSupport
import Testing
import Transport

/// Where a daemon lives, over any number of its lives: directory, settings, log, and the secrets
/// that were used with it.
final class DaemonHome: Sendable {
    let directory: TemporaryDirectory
    let secrets = SecretLedger()
    private let settings: [String: String]

    /// A new home, with `settings` on top of a socket, a state directory and bcrypt's lowest cost.
    init(_ settings: [String: String] = [:], alsoListening address: String? = nil) throws {
        directory = try TemporaryDirectory()
        let listen = ["unix:\(directory.path(of: "s"))", address].compactMap { $0 }
        self.settings = [
            "AUTHD_LISTEN": listen.joined(separator: ","),
            "AUTHD_STATE_DIR": directory.path(of: "state"), "AUTHD_BCRYPT_COST": "4",
        ].merging(settings) { $1 }
    }

    var socketPath: String { directory.path(of: "s") }
    var logPath: String { directory.path(of: "log") }

    func address() throws -> SocketAddress { try SocketAddress(unixPath: socketPath) }

    func log() throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: logPath)), as: UTF8.self)
    }

    /// A client with a connection of its own.
    func client(_ limits: RPCClientLimits = RPCClientLimits()) throws -> TestClient {
        TestClient(address: try address(), limits: limits, secrets: secrets)
    }

    func rawConnection() throws -> RawConnection { try RawConnection(path: socketPath) }

    /// Starts the daemon and does not wait for it.
    func launch(
        _ arguments: [String] = [], changing changes: [String: String] = [:],
        passing sockets: [Int32] = []
    ) throws -> DaemonProcess {
        try DaemonProcess(
            arguments: arguments, environment: settings.merging(changes) { $1 },
            directory: directory.path, log: logPath, passing: sockets)
    }

    /// Starts the daemon and waits until it serves.
    func start() async throws -> DaemonProcess {
        let process = try launch()
        var limits = RPCClientLimits()
        limits.connectAttemptsMax = 1
        try await eventually("authd serves; its log: \(log())", within: .seconds(20)) {
            guard process.isRunning else { throw TestFailure("authd ended: \(try log())") }
            let client = try client(limits)
            let isServing = try? await client.health()
            await client.close()
            return isServing == true ? () : nil
        }
        return process
    }

    /// Nothing that was secret may be in the log.
    func checkLog() throws {
        let log = try log()
        #expect(!log.isEmpty)
        #expect(secrets.leaks(in: log) == [], "secrets in the log")
        #expect(!log.contains("Fatal error"))
    }
}

/// Runs `body` with a daemon, then stops it as an operator does, and looks through its log.
func withDaemon(
    _ settings: [String: String] = [:],
    _ body: (DaemonHome, DaemonProcess, TestClient) async throws -> Void
) async throws {
    let home = try DaemonHome(settings)
    let process = try await home.start()
    let client = try home.client()
    do {
        try await body(home, process, client)
    } catch {
        let end = try home.log().split(separator: "\n").suffix(40).joined(separator: "\n")
        Issue.record("\(error)\nthe end of the log:\n\(end)")
    }
    await client.close()
    #expect(process.isRunning, "authd ended by itself")
    process.signal(SIGTERM)
    #expect(try await process.exit(within: .seconds(40)) == .code(0))
    try home.checkLog()
}
