/// The address of a table service: `https://ACCOUNT.table.core.windows.net`, one of the sovereign
/// clouds, or an emulator's `http://127.0.0.1:10002/ACCOUNT`.
package struct AzureEndpoint: Sendable, Equatable {
    /// Scheme, host and port, and with an emulator the account: what every URL begins with. Without
    /// a slash at its end.
    package let base: String
    /// The host, for messages.
    package let host: String
    /// The account, if the address names it.
    package let account: String?
    /// `/ACCOUNT` if the account is part of the path, else empty.
    package let pathPrefix: String
    /// Whether tokens of Microsoft Entra may be sent there.
    package let isEncrypted: Bool

    /// - Parameter text: as operators write it: a trailing slash is ignored, a missing scheme is
    ///   https.
    /// - Throws: `AzureConfigurationError` for what can't be an endpoint, and for unsupported
    ///   ones: Cosmos DB, the read-only secondary, plain http to another machine.
    package init(parsing text: String) throws(AzureConfigurationError) {
        var text = text[...]
        let lowercased = text.lowercased()
        isEncrypted = !lowercased.hasPrefix("http://")
        if lowercased.hasPrefix("https://") {
            text = text.dropFirst(8)
        } else if lowercased.hasPrefix("http://") {
            text = text.dropFirst(7)
        } else if lowercased.contains("://") {
            throw AzureConfigurationError("does not begin with https://")
        }
        while text.last == "/" { text = text.dropLast() }
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), !text.contains("@"),
            !text.contains("#"), !text.contains("?"), !text.contains("%"), !text.contains("\\")
        else {
            throw AzureConfigurationError(
                "has a user, a query, a fragment or a space; a SAS belongs in SAS_TOKEN")
        }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let authority = parts[0].lowercased()
        host = try AzureEndpoint.host(of: authority)
        let labels = host.split(separator: ".").map(String.init)
        let isNamed = labels.count >= 3 && labels[1...].contains("table") && !host.contains("[")
        try AzureEndpoint.refuseOthers(host, labels)
        guard parts.count <= (isNamed ? 1 : 2), !parts.dropFirst().contains("") else {
            throw AzureConfigurationError(
                isNamed
                    ? "has a path; the name of the table belongs in USERS_TABLE_NAME"
                    : "has more path than the account; the table belongs in USERS_TABLE_NAME")
        }
        account = isNamed ? labels[0] : parts.dropFirst().first
        if account?.hasSuffix("-secondary") == true {
            throw AzureConfigurationError(
                "is the read-only secondary of an account, which lags behind the primary")
        }
        guard isEncrypted || AzureEndpoint.isLoopback(host) else {
            throw AzureConfigurationError("sends secrets over plain http to another machine")
        }
        pathPrefix = isNamed ? "" : account.map { "/\($0)" } ?? ""
        base = (isEncrypted ? "https://" : "http://") + authority + pathPrefix
    }

    private static func host(of authority: String) throws(AzureConfigurationError) -> String {
        var host = authority[...]
        if let bracket = authority.lastIndex(of: "]") {
            host = authority[...bracket]
        } else if let colon = authority.firstIndex(of: ":") {
            host = authority[..<colon]
        }
        let port = authority[host.endIndex...].dropFirst()
        let hasPort = host.endIndex != authority.endIndex
        guard !host.isEmpty, host != "[]" else { throw AzureConfigurationError("has no host") }
        guard host.hasPrefix("[") || HostName.isValid(String(host)) else {
            throw AzureConfigurationError("has an invalid host name")
        }
        guard !hasPort || (authority[host.endIndex] == ":" && UInt16(port) ?? 0 > 0) else {
            throw AzureConfigurationError("has a port that is not a number from 1 to 65535")
        }
        return String(host)
    }

    private static func refuseOthers(
        _ host: String, _ labels: [String]
    ) throws(AzureConfigurationError) {
        guard !host.hasSuffix(".cosmos.azure.com"), !host.hasSuffix(".cosmosdb.azure.com") else {
            throw AzureConfigurationError(
                """
                is Cosmos DB for Table, which differs from Table Storage in ways that authd does \
                not support; use a storage account
                """)
        }
        let others: Set = ["blob", "queue", "file", "dfs", "web"]
        if host.hasSuffix("windows.net"), labels.count > 2, others.contains(labels[1]) {
            throw AzureConfigurationError(
                "is the account's \(labels[1]) service; the table service is needed")
        }
    }

    private static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" || host.hasSuffix(".localhost") || host == "[::1]" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
