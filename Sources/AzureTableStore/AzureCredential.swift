package import Bytes

/// How the store authenticates.
package enum AzureCredential: Sendable {
    /// A shared access signature, in the query of every URL.
    case signature(SharedAccessSignature)
    /// The account's key, with which every request is signed.
    case sharedKey(SharedKey)
    /// Tokens of Microsoft Entra, in the `Authorization` header.
    case identity(AzureIdentity)

    /// For the log: its kind, and a SAS's fields except its signature.
    package var summary: String {
        switch self {
        case .signature(let signature): "a SAS (\(signature.summary))"
        case .sharedKey(let key): "the key of the account \(key.account)"
        case .identity(let identity): identity.summary
        }
    }
}

/// Where the tables are and how to get in, combined from the settings.
package struct AzureAccount: Sendable {
    package let endpoint: AzureEndpoint
    package let credential: AzureCredential
    /// What is allowed but looks like a mistake, for the log.
    package let warnings: [String]

    /// - Parameters:
    ///   - endpoint: the setting ENDPOINT; nil when it is not set. It wins over the address in a
    ///     connection string.
    ///   - secret: the setting SAS_TOKEN: a SAS, a connection string, or nil for an identity.
    ///   - identity: the identity used without `secret`.
    /// - Throws: `AzureConfigurationError`.
    package init(
        endpoint: String?, secret: SecretBytes?, identity: AzureIdentity
    ) throws(AzureConfigurationError) {
        let given = try endpoint.map { text throws(AzureConfigurationError) in
            try AzureEndpoint(parsing: text)
        }
        guard let secret else {
            guard let given else {
                throw AzureConfigurationError(
                    "is needed: the address of the table service", isOfEndpoint: true)
            }
            guard given.isEncrypted else {
                throw AzureConfigurationError(
                    "is plain http, over which no identity token is sent; set SAS_TOKEN",
                    isOfEndpoint: true)
            }
            self.endpoint = given
            credential = .identity(identity)
            warnings = []
            return
        }
        let text = secret.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        guard AzureConnectionString.isLikely(text) else {
            guard let given else {
                throw AzureConfigurationError(
                    "is needed with a SAS, which names no address", isOfEndpoint: true)
            }
            let signature = try SharedAccessSignature(parsing: text)
            self.endpoint = given
            credential = .signature(signature)
            warnings = AzureAccount.warnings(signature)
            return
        }
        let parsed = try AzureConnectionString(parsing: text)
        guard let address = given ?? parsed.endpoint else {
            throw AzureConfigurationError(
                "is needed: the connection string names no address", isOfEndpoint: true)
        }
        self.endpoint = address
        if let key = parsed.accountKey {
            guard let account = parsed.accountName ?? address.account else {
                throw AzureConfigurationError("has an AccountKey without an AccountName")
            }
            credential = .sharedKey(try SharedKey(account: account, base64: key))
            warnings = []
        } else if let signature = parsed.signature {
            credential = .signature(signature)
            warnings = AzureAccount.warnings(signature)
        } else {
            throw AzureConfigurationError(
                "is a connection string without AccountKey or SharedAccessSignature")
        }
    }

    private static func warnings(_ signature: SharedAccessSignature) -> [String] {
        signature.wasMended
            ? ["SAS_TOKEN was pasted decoded; its signature was re-encoded for sending"] : []
    }
}
