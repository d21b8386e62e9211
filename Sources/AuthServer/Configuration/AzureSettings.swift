package import AzureTableStore
package import Bytes

/// Azure Table Storage: where, who we are, and what the store may do.
package struct AzureSettings: Sendable {
    /// The address, as given.
    package let endpoint: String?
    /// The shared access signature or connection string.
    package let secret: SecretBytes?
    /// The credential used without a secret.
    package let identity: AzureIdentity
    /// The table's name.
    package internal(set) var table: String
    /// Whether a missing table is created.
    package let createsTable: Bool
    /// The absolute path of a PEM file of authorities instead of the system's.
    package let authoritiesFile: String?

    init(_ reader: inout SettingReader, host: HostFacts) throws(ConfigurationError) {
        endpoint = try reader.optional(.endpoint) { text throws(SettingProblem) in
            do throws(AzureConfigurationError) {
                _ = try AzureEndpoint(parsing: text)
                return text
            } catch {
                throw SettingProblem(error.description)
            }
        }
        table = try reader.value(.usersTableName, AzureSettings.checkedTableName)
        secret = try reader.secret(.sasToken, bytes: 1...SettingReader.valueBytesMax)
        createsTable = try reader.value(.azureCreateTable) { text throws(SettingProblem) in
            guard text == "on" || text == "off" else { throw .notAllowed }
            return text == "on"
        }
        authoritiesFile = try reader.optional(.azureAuthorities) { host.absolute($0) }
        identity = try AzureSettings.identity(&reader, host)
    }

    /// Endpoint and credential, combined.
    ///
    /// - Throws: `invalidValue` for settings that don't go together.
    package func account() throws(ConfigurationError) -> AzureAccount {
        do throws(AzureConfigurationError) {
            return try AzureAccount(endpoint: endpoint, secret: secret, identity: identity)
        } catch {
            let setting = error.isOfEndpoint ? Setting.endpoint : Setting.sasToken
            throw .invalidValue(
                name: setting.name, source: .builtIn, problem: error.description,
                allowed: setting.allowed)
        }
    }

    /// As in Azure's own libraries: the cluster's token file, else App Service, else the machine.
    private static func identity(
        _ reader: inout SettingReader, _ host: HostFacts
    ) throws(ConfigurationError) -> AzureIdentity {
        let clientID = try reader.optional(.azureClientID, checkedName)
        let tenantID = try reader.optional(.azureTenantID, checkedName)
        let tokenFile = try reader.optional(.azureTokenFile) { host.absolute($0) }
        let authority = try reader.value(.azureAuthority) { text throws(SettingProblem) in
            let bare = text.hasSuffix("/") ? String(text.dropLast()) : text
            guard bare.hasPrefix("https://"), bare.utf8.count > 8, isURL(bare) else {
                throw .notAllowed
            }
            return bare
        }
        let endpoint = try reader.optional(.identityEndpoint) { text throws(SettingProblem) in
            guard text.hasPrefix("http://") || text.hasPrefix("https://"), isURL(text) else {
                throw .notAllowed
            }
            return text
        }
        let header = try reader.secret(.identityHeader, bytes: 1...1_024)
        if let tokenFile, let clientID, let tenantID {
            return .workload(
                tenantID: tenantID, clientID: clientID, tokenFile: tokenFile,
                authority: authority)
        }
        if let endpoint, let header {
            return .appService(endpoint: endpoint, header: header, clientID: clientID)
        }
        return .virtualMachine(clientID: clientID)
    }

    /// A GUID or a domain.
    private static func checkedName(_ text: String) throws(SettingProblem) -> String {
        guard text.utf8.count <= 253,
            text.utf8.allSatisfy({ byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e: true
                default: false
                }
            })
        else { throw .notAllowed }
        return text
    }

    private static func isURL(_ text: String) -> Bool {
        text.utf8.allSatisfy { (0x21...0x7e).contains($0) && $0 != 0x22 && $0 != 0x40 }
    }

    /// The rule of Azure Table Storage for names of tables.
    static func checkedTableName(_ text: String) throws(SettingProblem) -> String {
        let bytes = Array(text.utf8)
        guard (3...63).contains(bytes.count), !(0x30...0x39).contains(bytes[0]),
            text.lowercased() != "tables",
            bytes.allSatisfy({ byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
                default: false
                }
            })
        else { throw .notAllowed }
        return text
    }
}
