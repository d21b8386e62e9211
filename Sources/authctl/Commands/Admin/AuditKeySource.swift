import ArgumentParser
import AuditLog
import AuthServer
import Bytes
import Foundation
import Glibc

/// Where the keys of an audit log come from.
struct AuditKeySource: ParsableArguments {
    @Option(
        name: .customLong("key-file"),
        help: "A key file written by 'authctl admin audit key'; may be repeated.")
    var keyFiles: [String] = []

    @Option(help: "The daemon's state directory (AUTHD_STATE_DIR, else its default).")
    var stateDir: String?

    @Option(help: "Read the daemon's settings from this .env file instead of ./.env.")
    var envFile: String?

    /// The keys: those of `--key-file`; the daemon's if there are none, or with `--env-file`.
    ///
    /// - Throws: `Failure` for a file that is missing, is not a key, or is accessible to others.
    func keys() throws(Failure) -> [AuditKey] {
        var keys: [AuditKey] = []
        for file in keyFiles {
            guard let key = AuditKey(fileText: try PrivateFile.read(file)) else {
                throw Failure(
                    .usage, "KEY_FILE", "\(file) is not an audit log key",
                    hint: "create one with 'authctl admin audit key FILE'")
            }
            keys.append(key)
        }
        return keys.isEmpty || envFile != nil ? keys + [try daemonKey()] : keys
    }

    /// The key of the daemon's current secret.
    ///
    /// - Throws: as `keys()`.
    func daemonKey() throws(Failure) -> AuditKey {
        let settings = try settings()
        if let secret = settings.secret { return AuditKey(serverSecret: secret) }
        let path = settings.store.stateDirectory + "/jwt_secret"
        let text = try PrivateFile.read(path)
        guard text.count > 1 else {
            throw Failure(.localState, "KEY_FILE", "\(path) is empty")
        }
        return AuditKey(serverSecret: text.slice(from: 0, count: text.count - 1))
    }

    /// Where the log ends according to the daemon; nil when that can't be read here.
    func end(_ keys: [AuditKey]) throws(Failure) -> AuditEnd? {
        guard let directory = try directory() else { return nil }
        let path = directory + "/" + AuditEnd.fileName
        guard access(path, R_OK) == 0 else { return nil }
        let text = try PrivateFile.read(path)
        let bytes = text.withUnsafeBytes { Array($0) }
        return keys.lazy.compactMap { AuditEnd(fileText: bytes, key: $0) }.first
    }

    /// Without the daemon's settings if the keys come only from `--key-file`: that also works on
    /// other machines.
    private func directory() throws(Failure) -> String? {
        guard keyFiles.isEmpty || envFile != nil else {
            if let stateDir { return stateDir }
            let environment = ProcessInfo.processInfo.environment
            if let named = environment["AUTHD_STATE_DIR"], !named.isEmpty { return named }
            if geteuid() == 0 { return "/var/lib/authd" }
            return StateDirectory.base(environment).map { $0 + "/authd" }
        }
        return try settings().store.stateDirectory
    }

    private func settings() throws(Failure) -> OfflineSettings {
        try OfflineSettings.load(envFile: envFile, stateDirectory: stateDir)
    }
}
