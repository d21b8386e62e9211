import ArgumentParser
import AuthClient
import Foundation

/// The options of every command.
struct CommonOptions: ParsableArguments {
    @Option(help: "Where authd listens: unix:PATH, tls:HOST:PORT or tcp:HOST:PORT.")
    var socket: String?

    @Option(help: "For tls: the authorities that may have issued the daemon's certificate (PEM).")
    var tlsServerCaFile: String?

    @Option(help: "For tls: the name that the daemon's certificate must have.")
    var tlsServerName: String?

    @Option(help: "For tls: your certificate (PEM).")
    var tlsClientCertificateFile: String?

    @Option(help: "For tls: its private key (PEM).")
    var tlsClientKeyFile: String?

    @Option(help: "Seconds to wait for an answer.")
    var timeout: Double = 10

    @Flag(help: "Print one JSON object.")
    var json = false

    @Option(help: "Save and use tokens under this profile.")
    var profile = "default"

    func validate() throws {
        guard timeout > 0, timeout <= 3600 else {
            throw ValidationError("--timeout must be greater than 0 and at most 3600 seconds.")
        }
    }

    /// Options of a call.
    var callOptions: AuthClient.CallOptions {
        var options = AuthClient.CallOptions()
        options.timeout = .milliseconds(Int64(timeout * 1000))
        return options
    }

    /// What TLS needs, from the options, else from the environment.
    func tlsOptions(_ environment: [String: String]) -> TLSOptions {
        func value(_ option: String?, _ name: String) -> String? {
            let value = option ?? environment[name]
            return value?.isEmpty == false ? value : nil
        }
        var options = TLSOptions()
        options.authoritiesFile = value(tlsServerCaFile, "AUTHD_TLS_SERVER_CA_FILE")
        options.serverName = value(tlsServerName, "AUTHD_TLS_SERVER_NAME")
        options.certificateFile = value(
            tlsClientCertificateFile, "AUTHD_TLS_CLIENT_CERTIFICATE_FILE")
        options.keyFile = value(tlsClientKeyFile, "AUTHD_TLS_CLIENT_KEY_FILE")
        return options
    }

    /// Runs `body` with a connected client; failures are reported in the requested form.
    func run(_ body: (Context) async throws(Failure) -> Void) async throws {
        try await Failure.reported(asJSON: json) { () async throws(Failure) in
            let environment = ProcessInfo.processInfo.environment
            let address = try DefaultSocket.address(override: socket, environment: environment)
            let fileFound = Result { () throws(Failure) in
                try TokenFile(profile: profile, environment: environment)
            }
            if case .failure(let failure) = fileFound, failure.exitCode == .usage { throw failure }
            let client = try client(of: address)
            let context = Context(
                client: client, socket: address, options: callOptions, json: json,
                fileFound: fileFound)
            try await body(context)
            await client.close()
        }
    }

    /// A client with its own connection, which it makes at its first call.
    ///
    /// - Throws: `Failure` when the address or a TLS file can't be used.
    func client(of address: String) throws(Failure) -> AuthClient {
        if let problem = AuthClient.problem(ofAddress: address) {
            throw Failure(
                .usage, "ADDRESS_INVALID", problem,
                hint: "--socket and AUTHD_SOCKET take unix:PATH, tls:HOST:PORT or tcp:HOST:PORT")
        }
        do {
            return try AuthClient(
                address: address, tls: tlsOptions(ProcessInfo.processInfo.environment))
        } catch {
            throw Failure(error, socket: address)
        }
    }
}

/// Where passwords and codes come from.
struct PasswordOptions: ParsableArguments {
    @Flag(help: "Read passwords and codes from standard input, one per line, instead of asking.")
    var passwordStdin = false

    /// The reader.
    var input: SecretInput { SecretInput(fromStandardInput: passwordStdin) }
}
