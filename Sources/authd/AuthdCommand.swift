import ArgumentParser
import AuthServer
import DispatchBridge
import Glibc

/// The command line of the daemon.
@main
struct AuthdCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "authd",
        abstract: "Authentication daemon: accounts, sessions and tokens over ttRPC.",
        discussion: """
            Every setting has an option, an environment variable and a line in a .env file; the \
            first of them wins. Secrets have no option. Without any setting, authd keeps its \
            data in its own state directory and says where.

            SETTINGS:
            \(SettingOptions.help)

            EXIT CODES: 0 stopped on request; 1 could not start; 64 invalid option or setting, or an \
            unusable file named by a setting.
            """,
        version: "authd \(Version.text)")

    @Flag(help: "Print the effective settings, without secrets, check their files, and exit.")
    var checkConfig = false

    @Option(help: "Read this .env file instead of ./.env.")
    var envFile: String?

    @Argument(
        parsing: .allUnrecognized,
        help: ArgumentHelp("Settings, such as --listen unix:/run/authd.sock.", visibility: .hidden))
    var settings: [String] = []

    /// On the first thread, before there are others.
    static func main() async {
        MemoryArenas.limit()
        await main(nil)
    }

    mutating func run() async throws {
        let options = try SettingOptions.parse(settings)
        let environment = SettingOptions.environment
        let path = envFile
        // Again on SIGHUP, because the file may have changed.
        let read: @Sendable () throws(ConfigurationError) -> ServerConfiguration = {
            () throws(ConfigurationError) in
            try ServerConfiguration.load(
                options: options, environment: environment, dotEnvPath: path)
        }
        let configuration: ServerConfiguration
        do {
            configuration = try read()
        } catch {
            throw AuthdCommand.failure("\(error)", code: .validationFailure)
        }
        if checkConfig {
            for line in configuration.effectiveValues() { print(line) }
            for warning in configuration.warnings { StandardError.print("warning: \(warning)") }
            if let cause = StandardOutput.trouble() {
                throw AuthdCommand.failure(
                    "standard output can't be written: \(cause)", code: .failure)
            }
            do {
                try Server.checkFiles(of: configuration)
            } catch {
                throw AuthdCommand.failure("\(error)", code: .validationFailure)
            }
            return
        }
        try await Daemon.run(configuration, environment: environment, readingAgain: read)
    }

    /// Prints one line and returns the error that ends the process with `code`.
    private static func failure(_ line: String, code: ExitCode) -> ExitCode {
        StandardError.print(line)
        return code
    }
}
