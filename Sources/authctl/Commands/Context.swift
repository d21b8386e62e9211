import AuthClient
import Foundation

/// What a command works with.
struct Context {
    let client: AuthClient
    let socket: String
    let options: AuthClient.CallOptions
    let json: Bool
    /// Where tokens are saved. Commands that need none also work if there is no place for them.
    let fileFound: Result<TokenFile, Failure>

    /// Where tokens are saved.
    var file: TokenFile {
        get throws(Failure) { try fileFound.get() }
    }

    /// Tokens this close to expiry are renewed before use: a call takes time.
    private static let renewalMargin: TimeInterval = 5

    /// Runs a call; its error becomes a failure for the user.
    func call<Value>(
        _ body: () async throws(AuthClientError) -> Value
    ) async throws(Failure) -> Value {
        do throws(AuthClientError) {
            return try await body()
        } catch {
            throw Failure(error, socket: socket)
        }
    }

    /// Runs a call whose answer does not matter; returns how it failed, or nil.
    func outcome(_ body: () async throws(AuthClientError) -> Void) async -> Failure? {
        do throws(AuthClientError) {
            try await body()
            return nil
        } catch {
            return Failure(error, socket: socket)
        }
    }

    /// The saved tokens, renewed if the access token has expired.
    func session() async throws(Failure) -> StoredTokens {
        try await file.locked { () async throws(Failure) in
            let tokens = try stored()
            guard tokens.accessExpiresAt.timeIntervalSinceNow < Context.renewalMargin else {
                return tokens
            }
            return try await renew(tokens)
        }
    }

    /// The saved tokens, as `session` returns them, and the password of their user, who is asked for
    /// it; `purpose` follows the address in the prompt.
    func sessionAndPassword(
        _ input: SecretInput, _ purpose: String = ""
    ) async throws(Failure) -> (StoredTokens, Secret) {
        let session = try await session()
        return (session, try input.read("Password for \(Format.safe(session.email))\(purpose): "))
    }

    /// The saved tokens, renewed now.
    func renewedSession() async throws(Failure) -> StoredTokens {
        try await file.locked { () async throws(Failure) in try await renew(try stored()) }
    }

    /// The saved tokens.
    func stored() throws(Failure) -> StoredTokens {
        guard let tokens = try file.read() else {
            throw Failure(
                .localState, "NOT_LOGGED_IN", "nobody is logged in",
                hint: "log in with 'authctl login EMAIL'")
        }
        guard tokens.socket == socket else {
            throw Failure(
                .localState, "OTHER_DAEMON", "the saved tokens belong to \(tokens.socket)",
                hint: "log in at \(socket), or use --socket or --profile")
        }
        return tokens
    }

    /// Saves the new pair before anybody uses it.
    private func renew(_ tokens: StoredTokens) async throws(Failure) -> StoredTokens {
        let session = try await call { () async throws(AuthClientError) in
            try await client.refresh(tokens.refresh, options: options)
        }
        let renewed = StoredTokens(session, email: tokens.email, socket: socket)
        try file.write(renewed)
        return renewed
    }

    /// Prints `value` as JSON, or `text`.
    func show(_ value: some Encodable, _ text: @autoclosure () -> String) {
        print(json ? Format.json(value) : text())
    }
}
