import ArgumentParser
import AuthClient
import Foundation

/// A token's claims, as they are shown.
struct ClaimsOutput: Encodable {
    let userId: String
    let email: String
    let sessionId: String
    let tokenId: String
    let issuedAt: Date
    let expiresAt: Date
    let authenticatedAt: Date
    let authenticationMethods: [String]
    let issuer: String
    let audience: String

    init(_ claims: TokenClaims) {
        userId = claims.userID
        email = claims.email
        sessionId = claims.sessionID
        tokenId = claims.tokenID
        issuedAt = claims.issuedAt
        expiresAt = claims.expiresAt
        authenticatedAt = claims.authenticatedAt
        authenticationMethods = claims.authenticationMethods
        issuer = claims.issuer
        audience = claims.audience
    }

    /// The form for people.
    static func text(_ claims: TokenClaims) -> String {
        Format.fields([
            ("email", claims.email), ("user id", claims.userID), ("session", claims.sessionID),
            ("logged in", Format.time(claims.authenticatedAt)),
            ("by", claims.authenticationMethods.joined(separator: ", ")),
            ("token expires", Format.time(claims.expiresAt)),
            ("issuer, audience", "\(claims.issuer), \(claims.audience)"),
        ])
    }
}

/// `authctl whoami`
struct WhoAmI: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "whoami", abstract: "Show who is logged in, according to the daemon.")

    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await common.run { context throws(Failure) in
            let session = try await context.session()
            let claims = try await context.call { () async throws(AuthClientError) in
                try await context.client.verifyToken(session.access, options: context.options)
            }
            context.show(ClaimsOutput(claims), ClaimsOutput.text(claims))
        }
    }
}

/// `authctl verify`
struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check an access token, read from standard input or a file.",
        discussion: "A token is a secret, so it is never an argument.")

    @Option(help: "Read the token from this file instead of standard input.")
    var tokenFile: String?

    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await common.run { context throws(Failure) in
            let token = try read()
            let claims = try await context.call { () async throws(AuthClientError) in
                try await context.client.verifyToken(token, options: context.options)
            }
            context.show(ClaimsOutput(claims), ClaimsOutput.text(claims))
        }
    }

    private func read() throws(Failure) -> Secret {
        let handle = tokenFile.map { FileHandle(forReadingAtPath: $0) } ?? FileHandle.standardInput
        guard let handle, let data = try? handle.read(upToCount: 65_536), !data.isEmpty else {
            throw Failure(
                .usage, "NO_TOKEN", "no token in \(tokenFile ?? "standard input")",
                hint: "pipe it in, or name a file with --token-file")
        }
        let text = String(decoding: data, as: UTF8.self)
        return Secret(utf8: text.trimmingCharacters(in: .whitespacesAndNewlines))
    }
}

/// `authctl keys`
struct Keys: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the public keys that verify access tokens, as a JWK Set.")

    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await common.run { context throws(Failure) in
            let keys = try await context.call { () async throws(AuthClientError) in
                try await context.client.signingKeys(options: context.options)
            }
            // It is already JSON.
            print(keys)
        }
    }
}
