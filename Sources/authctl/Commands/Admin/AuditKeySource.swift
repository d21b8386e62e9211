import ArgumentParser
import AuditLog
import Bytes
import Foundation
import Glibc

/// Where the key of an audit log comes from.
struct AuditKeySource: ParsableArguments {
    @Option(help: "A key file written by 'authctl admin audit key'.")
    var keyFile: String?

    @Option(help: "The daemon's state directory (AUTHD_STATE_DIR, else its default).")
    var stateDir: String?

    /// The key.
    ///
    /// - Throws: `Failure` for a file that is missing, is not a key, or is accessible to others.
    func key() throws(Failure) -> AuditKey {
        if let keyFile {
            guard let key = AuditKey(fileText: try PrivateFile.read(keyFile)) else {
                throw Failure(
                    .usage, "KEY_FILE", "\(keyFile) is not an audit log key",
                    hint: "create one with 'authctl admin audit key FILE'")
            }
            return key
        }
        let environment = ProcessInfo.processInfo.environment
        if let secret = environment["JWT_SECRET"], !secret.isEmpty {
            return AuditKey(serverSecret: SecretBytes(utf8: secret))
        }
        guard let directory = directory(environment) else {
            throw Failure(
                .usage, "NO_STATE_DIRECTORY", "there is nowhere to look for the key",
                hint: "name it with --state-dir or --key-file")
        }
        let text = try PrivateFile.read(directory + "/jwt_secret")
        guard text.count > 1 else {
            throw Failure(.localState, "KEY_FILE", "\(directory)/jwt_secret is empty")
        }
        return AuditKey(serverSecret: text.slice(from: 0, count: text.count - 1))
    }

    /// Where the log ends according to the daemon; nil when that can't be read here.
    func end() throws(Failure) -> AuditEnd? {
        let environment = ProcessInfo.processInfo.environment
        guard let directory = directory(environment) else { return nil }
        let path = directory + "/" + AuditEnd.fileName
        guard access(path, R_OK) == 0 else { return nil }
        let text = try PrivateFile.read(path)
        return AuditEnd(fileText: text.withUnsafeBytes { Array($0) }, key: try key())
    }

    private func directory(_ environment: [String: String]) -> String? {
        if let stateDir { return stateDir }
        if let named = environment["AUTHD_STATE_DIR"], !named.isEmpty { return named }
        if geteuid() == 0 { return "/var/lib/authd" }
        return StateDirectory.base(environment).map { $0 + "/authd" }
    }
}
