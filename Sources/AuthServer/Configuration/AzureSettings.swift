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
    /// Where endpoint and secret came from.
    let endpointSource: SettingSource
    let secretSource: SettingSource
    /// What is missing from the identity, if it is only partly set.
    let identityGap: ConfigurationError?
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
        (identity, identityGap) = try AzureIdentitySettings.read(&reader, host)
        endpointSource = try reader.given(.endpoint)?.source ?? .builtIn
        secretSource = try reader.given(.sasToken)?.source ?? .builtIn
    }

    /// Endpoint and credential, combined.
    ///
    /// - Throws: `invalidValue` for settings that don't go together, and for an identity that is only
    ///   partly set: another one must not silently take its place.
    package func account() throws(ConfigurationError) -> AzureAccount {
        if secret == nil, let identityGap { throw identityGap }
        do throws(AzureConfigurationError) {
            return try AzureAccount(endpoint: endpoint, secret: secret, identity: identity)
        } catch {
            let setting = error.isOfEndpoint ? Setting.endpoint : Setting.sasToken
            throw .invalidValue(
                name: setting.name, source: error.isOfEndpoint ? endpointSource : secretSource,
                problem: error.description, allowed: setting.allowed)
        }
    }

    /// Reads the file of authorities, where one is named.
    ///
    /// - Throws: `unusableFile` when it can't be read or has no certificate.
    func checkAuthorities() throws(ConfigurationError) {
        guard let path = authoritiesFile else { return }
        var problem: String?
        do throws(SmallFile.Problem) {
            let file = try SmallFile(path: path, bytesMax: AzureSettings.authoritiesBytesMax)
            let text = file.bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
            if !text.contains("-----BEGIN CERTIFICATE-----") { problem = "has no certificate" }
        } catch {
            problem = error.phrase
        }
        guard let problem else { return }
        throw .unusableFile(
            path: path, problem: problem, setting: Setting.azureAuthorities.name)
    }

    /// The system's own list is a quarter of it.
    private static let authoritiesBytesMax = 1_048_576

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
