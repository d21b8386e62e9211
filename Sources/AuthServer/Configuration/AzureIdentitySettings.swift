import AzureTableStore
import Bytes

/// Which identity of Microsoft Entra the variables name, and whether they name all of it.
enum AzureIdentitySettings {
    /// As in Azure's own libraries: the cluster's token file, else App Service, else the machine.
    ///
    /// - Returns: the identity, and what is missing if one is only partly set. That is not an error
    ///   for a daemon that needs no identity: platforms set these variables on their own.
    /// - Throws: `invalidValue`.
    static func read(
        _ reader: inout SettingReader, _ host: HostFacts
    ) throws(ConfigurationError) -> (AzureIdentity, gap: ConfigurationError?) {
        let clientID = try reader.optional(.azureClientID) { text throws(SettingProblem) in
            guard isGUID(text) else { throw .notAllowed }
            return text
        }
        let tenantID = try reader.optional(.azureTenantID) { text throws(SettingProblem) in
            guard isGUID(text) || isDomain(text) else { throw .notAllowed }
            return text
        }
        let tokenFile = try reader.optional(.azureTokenFile) { host.absolute($0) }
        let authority = try reader.value(.azureAuthority) { text throws(SettingProblem) in
            let bare = text.hasSuffix("/") ? String(text.dropLast()) : text
            guard isURL(bare, schemes: ["https://"]) else { throw notURL }
            return bare
        }
        let endpoint = try reader.optional(.identityEndpoint) { text throws(SettingProblem) in
            guard isURL(text, schemes: ["http://", "https://"]) else { throw notURL }
            return text
        }
        let header = try reader.secret(.identityHeader, bytes: 1...1_024)
        if let tokenFile {
            guard let clientID, let tenantID else {
                let missing = clientID == nil ? Setting.azureClientID : .azureTenantID
                return (
                    .virtualMachine(clientID: clientID), missingError(missing, .azureTokenFile)
                )
            }
            return (
                .workload(
                    tenantID: tenantID, clientID: clientID, tokenFile: tokenFile,
                    authority: authority), nil
            )
        }
        switch (endpoint, header) {
        case (.some(let endpoint), .some(let header)):
            return (.appService(endpoint: endpoint, header: header, clientID: clientID), nil)
        case (.some, nil):
            let gap = missingError(.identityHeader, .identityEndpoint)
            return (.virtualMachine(clientID: clientID), gap)
        case (nil, .some):
            let gap = missingError(.identityEndpoint, .identityHeader)
            return (.virtualMachine(clientID: clientID), gap)
        case (nil, nil):
            return (.virtualMachine(clientID: clientID), nil)
        }
    }

    private static func missingError(_ missing: Setting, _ given: Setting) -> ConfigurationError {
        .invalidValue(
            name: missing.name, source: .builtIn,
            problem: "is not set, and \(given.name) does not work without it",
            allowed: missing.allowed)
    }

    /// 8, 4, 4, 4 and 12 hexadecimal digits.
    private static func isGUID(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        return parts.map(\.utf8.count) == [8, 4, 4, 4, 12]
            && parts.allSatisfy { $0.utf8.allSatisfy(isHexDigit) }
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x46, 0x61...0x66: true
        default: false
        }
    }

    /// Two labels or more.
    private static func isDomain(_ text: String) -> Bool {
        text.contains(".") && HostName.isValid(text)
    }

    /// Without the text: it may contain a password.
    private static var notURL: SettingProblem {
        SettingProblem("is not the URL of a host, or has a user in it")
    }

    private static func isURL(_ text: String, schemes: [String]) -> Bool {
        guard let scheme = schemes.first(where: { text.hasPrefix($0) }),
            text.utf8.allSatisfy({ (0x21...0x7e).contains($0) && $0 != 0x22 && $0 != 0x40 })
        else { return false }
        let authority = text.dropFirst(scheme.count).prefix { !"/?#".contains($0) }
        let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
        if authority.hasPrefix("[") { return authority.contains("]") }
        guard let host = parts.first, parts.count <= 2, HostName.isValid(String(host)) else {
            return false
        }
        return parts.count == 1 || UInt16(parts[1]) ?? 0 > 0
    }
}
