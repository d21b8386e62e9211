import ArgumentParser
import AuthClient
import Foundation

/// What every command takes.
struct CommonOptions: ParsableArguments {
    @Option(help: "Where authd listens: unix:PATH or tcp:HOST:PORT.")
    var socket: String?

    @Option(help: "Seconds to wait for an answer.")
    var timeout: Double = 10

    @Flag(help: "Print one JSON object.")
    var json = false

    @Option(help: "Keep and use the tokens of this profile.")
    var profile = "default"

    func validate() throws {
        guard timeout > 0, timeout <= 3600 else {
            throw ValidationError("--timeout is over 0 and at most 3600 seconds.")
        }
    }

    /// Options of a call.
    var callOptions: AuthClient.CallOptions {
        var options = AuthClient.CallOptions()
        options.timeout = .milliseconds(Int64(timeout * 1000))
        return options
    }

    /// Runs `body` with a connected client; failures are reported in the form that was asked for.
    func run(_ body: (Context) async throws(Failure) -> Void) async throws {
        do throws(Failure) {
            let environment = ProcessInfo.processInfo.environment
            let address = try DefaultSocket.address(override: socket, environment: environment)
            let client: AuthClient
            do {
                client = try AuthClient(address: address)
            } catch {
                throw Failure(error, socket: address)
            }
            let context = Context(
                client: client, socket: address, options: callOptions, json: json,
                file: try TokenFile(profile: profile, environment: environment))
            try await body(context)
            await client.close()
        } catch {
            var failure = error
            failure.json = json
            throw failure
        }
    }
}

/// Where passwords and codes come from.
struct PasswordOptions: ParsableArguments {
    @Flag(help: "Read passwords and codes from standard input, one a line, instead of asking.")
    var passwordStdin = false

    /// The reader.
    var input: SecretInput { SecretInput(fromStandardInput: passwordStdin) }
}
