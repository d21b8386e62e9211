import AuthMessages
import Bytes
import Transport

/// What a client knows of an account after the daemon was killed under it.
struct AccountFacts: Sendable {
    enum Deletion: Sendable {
        case no
        case asked
        case acknowledged
    }

    let email: String
    /// The last one acknowledged.
    var password: String
    /// Asked for and not acknowledged: it may hold instead of `password`.
    var nextPassword: String?
    var isRegistered = false
    /// The last refresh token that came; its successor may be in the store.
    var refresh: SecretBytes?
    var deletion = Deletion.no

    init(email: String, password: String) {
        self.email = email
        self.password = password
    }

    /// Holds a daemon that was started again to these facts, and settles what was open.
    ///
    /// - Throws: `TestFailure` that says which of them does not hold.
    mutating func check(_ client: TestClient) async throws {
        let (login, password) = try await firstLogin(client)
        switch deletion {
        case .no:
            guard !isRegistered || login != nil else {
                throw TestFailure("no acknowledged password is good")
            }
        case .asked: break
        case .acknowledged:
            guard login == nil else { throw TestFailure("a deleted account is there") }
        }
        if let refresh {
            let renewed = try await outcome {
                try await client.refresh(refresh)
            }
            switch (login, renewed) {
            case (.some, .success(let renewed)): self.refresh = renewed.refresh
            case (.some, .failure(let error)):
                throw TestFailure("the newest refresh token is refused: \(error)")
            case (nil, .success): throw TestFailure("a session outlived its account")
            case (nil, .failure): break
            }
        }
        settle(login, password)
    }

    private mutating func settle(_ login: Login?, _ password: String) {
        self.password = password
        nextPassword = nil
        guard login == nil else {
            isRegistered = true
            deletion = .no
            return
        }
        // A Register that was never acknowledged and did not happen, or a deletion that did.
        deletion = .acknowledged
    }

    /// A login with the first password that is good.
    private func firstLogin(_ client: TestClient) async throws -> (Login?, String) {
        for candidate in [password, nextPassword].compactMap({ $0 }) {
            let login = try await outcome {
                try await client.login(email, candidate)
            }
            switch login {
            case .success(let login): return (login, candidate)
            case .failure(let error):
                guard error.reason == .invalidCredentials else { throw error }
            }
        }
        return (nil, password)
    }
}
