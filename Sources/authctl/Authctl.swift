import ArgumentParser
import Glibc

/// The command line of authd.
struct Authctl: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "authctl",
        abstract: "Talk to authd: accounts, second factors, sessions and tokens.",
        discussion: """
            The daemon is found through --socket, else AUTHD_SOCKET, else at the default: \
            /run/authd/authd.sock for root, else authd/authd.sock in XDG_RUNTIME_DIR.

            'login' saves the tokens in XDG_STATE_HOME/authctl (readable only by you), so that the \
            next commands find them; expired tokens are renewed automatically.

            EXIT CODES: 0 done; 1 the daemon refused; 2 usage error; 3 the daemon is unreachable; \
            4 the daemon failed, is overloaded or took too long; 5 trouble on this machine: with \
            the saved tokens or keys, or with writing the output.

            COMPLETIONS: authctl --generate-completion-script bash|zsh|fish
            """,
        version: "authctl 0.1.0",
        subcommands: [
            Register.self, Login.self, WhoAmI.self, Verify.self, Refresh.self, Logout.self,
            Passwd.self, ResetPassword.self, DeleteUser.self, MFA.self, Sessions.self, Keys.self,
            HealthCommand.self, Ping.self, Bench.self, Admin.self,
        ])
}

@main
enum Main {
    static func main() async {
        do throws(Failure) {
            try await run()
            try StandardOutput.finish()
        } catch {
            var failure = error
            // Even if the command line could not be parsed.
            failure.json = CommandLine.arguments.dropFirst().contains("--json")
            failure.report()
            exit(failure.exitCode.rawValue)
        }
    }

    private static func run() async throws(Failure) {
        do {
            var command = try Authctl.parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let failure as Failure {
            throw failure
        } catch {
            let code = Authctl.exitCode(for: error)
            let text = Authctl.fullMessage(for: error)
            let arguments = CommandLine.arguments.dropFirst()
            if code == .success {
                if !text.isEmpty { print(text) }
                return
            }
            if arguments.contains("--json") {
                let message = UsageText.text(Authctl.message(for: error), arguments: arguments)
                throw Failure(
                    .usage, "USAGE", message.replacing("\n  ", with: "; "),
                    hint: "'authctl --help' lists the commands; each of them has --help, too")
            }
            StandardError.print(UsageText.text(text, arguments: arguments))
            exit(ExitStatus.usage.rawValue)
        }
    }
}
