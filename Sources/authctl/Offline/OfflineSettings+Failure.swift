import AuthServer
import Foundation
import Glibc

extension OfflineSettings {
    /// The daemon's settings, for a command.
    ///
    /// - Parameters:
    ///   - envFile: what `--env-file` names.
    ///   - stateDirectory: what `--state-dir` names.
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
            // The message has advice for the daemon: a file that it owns must stay its own.
            let isOfAnother = envFile == nil && geteuid() == 0
            throw Failure(
                .usage, "CONFIGURATION", "\(error)",
                hint: isOfAnother
                    ? "if the file is the daemon's, leave it so, and name it with --env-file" : nil)
        }
    }
}
