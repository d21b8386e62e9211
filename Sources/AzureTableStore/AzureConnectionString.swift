import Bytes

/// A connection string, as the portal shows it: `DefaultEndpointsProtocol=https;AccountName=...`.
struct AzureConnectionString {
    /// The address it names, if any.
    let endpoint: AzureEndpoint?
    let accountName: String?
    /// In base64.
    let accountKey: SecretBytes?
    let signature: SharedAccessSignature?

    /// Account and key of every emulator: published by Microsoft, not a secret.
    static let developmentAccount = "devstoreaccount1"
    static let developmentKey =
        "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="

    /// Whether `text` is meant to be one: it names one of the fields.
    static func isLikely(_ text: String) -> Bool {
        let text = text.lowercased()
        return [
            "usedevelopmentstorage=", "accountname=", "accountkey=", "tableendpoint=",
            "sharedaccesssignature=", "defaultendpointsprotocol=",
        ].contains { text.hasPrefix($0) || text.contains(";" + $0) || text.contains("; " + $0) }
    }

    /// - Throws: `AzureConfigurationError`; it never quotes a value.
    init(parsing text: String) throws(AzureConfigurationError) {
        var fields: [String: String] = [:]
        for part in text.split(separator: ";") {
            let halves = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(halves[0].filter { !$0.isWhitespace }).lowercased()
            if halves.count == 1, name.isEmpty { continue }
            guard halves.count == 2, fields[name] == nil else {
                throw AzureConfigurationError("has a part that is not Name=value, or repeated")
            }
            fields[name] = String(halves[1])
        }
        if let value = fields["usedevelopmentstorage"] {
            guard value.lowercased() == "true" else {
                throw AzureConfigurationError("has UseDevelopmentStorage, which can only be true")
            }
            accountName = AzureConnectionString.developmentAccount
            accountKey = SecretBytes(utf8: AzureConnectionString.developmentKey)
            signature = nil
            endpoint = try AzureEndpoint(
                parsing: "http://127.0.0.1:10002/\(AzureConnectionString.developmentAccount)")
            return
        }
        accountName = fields["accountname"]
        accountKey = fields["accountkey"].map { SecretBytes(utf8: $0) }
        signature = try fields["sharedaccesssignature"].map {
            text throws(AzureConfigurationError) in
            try SharedAccessSignature(parsing: text)
        }
        if let explicit = fields["tableendpoint"] {
            endpoint = try AzureEndpoint(parsing: explicit)
        } else if let accountName {
            let scheme = fields["defaultendpointsprotocol"] ?? "https"
            let suffix = fields["endpointsuffix"] ?? "core.windows.net"
            endpoint = try AzureEndpoint(parsing: "\(scheme)://\(accountName).table.\(suffix)")
        } else {
            endpoint = nil
        }
    }
}
