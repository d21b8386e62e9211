import AuthServer
import Foundation
import Glibc

extension OfflineSettings {
    /// The daemon's settings, for a command.
    ///
    /// - Parameters:
    ///   - envFile: the file from `--env-file`.
    ///   - stateDirectory: the directory from `--state-dir`.
    /// - Returns: the settings.
    /// - Throws: `Failure` when they can't be used.
    static func load(
        envFile: String?, stateDirectory: String? = nil
    ) throws(Failure) -> OfflineSettings {
        var environment = ProcessInfo.processInfo.environment
        if let stateDirectory { environment["AUTHD_STATE_DIR"] = stateDirectory }
        do {
            return try load(environment: environment, envFile: envFile)
        } catch {
            // The message advises the daemon to own the file, which must stay the daemon's.
            let isOfAnother = envFile == nil && geteuid() == 0
            throw Failure(
                .usage, "CONFIGURATION", "\(error)",
                hint: isOfAnother
                    ? "if it is the daemon's file, don't change it; name it with --env-file" : nil)
        }
    }
}
