package import AuthCore
package import Bytes
package import Cryptography

/// What tokens are signed with and how long they are valid.
package struct TokenSettings: Sendable {
    /// The server secret, 32 to 4096 bytes; nil when `ServerSecrets` is to find or create one.
    package let secret: SecretBytes?
    /// The algorithm of access tokens.
    package let algorithm: SignatureAlgorithm
    /// Absolute paths of PEM files, at most 16; empty exactly when `algorithm` is symmetric.
    package let keyFiles: [String]
    /// Where `keyFiles` came from.
    let keyFilesSource: SettingSource
    /// The claim `iss`.
    package let issuer: String
    /// The claim `aud`.
    package let audience: String
    /// The lifetime of an access token, in minutes.
    package let accessMinutes: Int
    /// The lifetime of a refresh token, in minutes.
    package let refreshMinutes: Int
    /// The server's part of the key that seals TOTP secrets; nil: derived from the server secret.
    package let encryptionKey: SecretBytes?
    /// Former encryption keys, which only open secrets; at most 15 of 32 bytes or more.
    package let olderEncryptionKeys: [SecretBytes]
    /// The service's name in authenticators.
    package let mfaIssuer: OTPIssuer
    /// Where `secret` came from.
    package let secretSource: SettingSource

    /// HS256 keys have at least the size of the hash (RFC 7518 §3.2).
    static let secretBytes = 32...SettingReader.valueBytesMax
    private static let keyFilesMax = 16

    init(_ reader: inout SettingReader, host: HostFacts) throws(ConfigurationError) {
        secret = try reader.secret(.jwtSecret, bytes: TokenSettings.secretBytes)
        secretSource = try reader.given(.jwtSecret)?.source ?? .builtIn
        let algorithm: SignatureAlgorithm = try reader.choice(.jwtAlgorithm)
        self.algorithm = algorithm
        keyFiles =
            try reader.optional(.jwtKeyFiles) { text throws(SettingProblem) in
                guard !algorithm.isSymmetric else {
                    throw SettingProblem(
                        "is set, but JWT_ALGORITHM is \(algorithm.rawValue), which has no key files"
                    )
                }
                return try SettingReader.list(text, countMax: TokenSettings.keyFilesMax)
                    .map(host.absolute)
            } ?? []
        keyFilesSource = try reader.given(.jwtKeyFiles)?.source ?? .builtIn
        if !algorithm.isSymmetric && keyFiles.isEmpty {
            throw .invalidValue(
                name: Setting.jwtKeyFiles.name, source: .builtIn,
                problem: "is not set, but JWT_ALGORITHM \(algorithm.rawValue) needs a private key",
                allowed: Setting.jwtKeyFiles.allowed)
        }
        issuer = try reader.value(.jwtIssuer, TokenSettings.claim)
        audience = try reader.value(.jwtAudience, TokenSettings.claim)
        accessMinutes = try reader.integer(.jwtMinutes)
        refreshMinutes = try reader.integer(.refreshMinutes)
        encryptionKey = try reader.secret(.encryptionKey, bytes: TokenSettings.secretBytes)
        olderEncryptionKeys =
            try reader.optional(.olderEncryptionKeys, TokenSettings.olderKeys) ?? []
        mfaIssuer = try reader.value(.mfaIssuer) { text throws(SettingProblem) in
            guard let issuer = OTPIssuer(text) else { throw .notAllowed }
            return issuer
        }
    }

    /// One fewer than a key ring takes: JWT_SECRET stays an older key next to ENCRYPTION_KEY.
    private static let olderKeysMax = ServerKeyRing.olderKeysMax - 1

    private static func olderKeys(_ text: String) throws(SettingProblem) -> [SecretBytes] {
        let keys = text.split(separator: " ")
        guard keys.count <= olderKeysMax else { throw SettingProblem("has \(keys.count) texts") }
        for key in keys where !secretBytes.contains(key.utf8.count) {
            throw SettingProblem("has a text of \(key.utf8.count) bytes")
        }
        return keys.map { SecretBytes(utf8: String($0)) }
    }

    private static func claim(_ text: String) throws(SettingProblem) -> String {
        guard (1...255).contains(text.utf8.count) else { throw .notAllowed }
        return text
    }
}
