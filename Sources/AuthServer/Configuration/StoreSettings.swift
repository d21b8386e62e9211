package import Bytes
import Glibc

/// Where accounts are kept.
package struct StoreSettings: Sendable {
    /// The kinds of stores.
    package enum Kind: Sendable, Equatable {
        /// An SQLite file at this absolute path.
        case sqlite(path: String)
        /// Azure Table Storage.
        case azure
        /// Lost at exit; for tests.
        case memory
    }

    /// The absolute path of the state directory.
    package let stateDirectory: String
    /// The store to open.
    package internal(set) var kind: Kind
    /// The Azure table's name, and the partition of the old application's rows.
    package internal(set) var usersTableName: String
    /// Whether users may still be in rows of the old application.
    package let readsOldTable: Bool
    /// How long after a sweep of expired sessions the next begins; nil for never.
    package let sweepInterval: Duration?
    /// How long a sweep rests after each step.
    package let sweepPause: Duration
    /// The shared access signature or connection string for Azure.
    package let sasToken: SecretBytes?
    /// The URL of Azure Table Storage.
    package let endpoint: String?

    /// The SQLite file in the state directory.
    static let fileName = "authd.sqlite"

    init(
        _ reader: inout SettingReader, paths: DefaultPaths, host: HostFacts
    ) throws(ConfigurationError) {
        let directory = try reader.optional(.stateDirectory, default: paths.stateDirectory) {
            host.absolute($0)
        }
        guard let directory else {
            throw .invalidValue(
                name: Setting.stateDirectory.name, source: .builtIn,
                problem: "is not set, and neither XDG_STATE_HOME nor HOME names a directory",
                allowed: Setting.stateDirectory.allowed)
        }
        stateDirectory = directory
        endpoint = try reader.optional(.endpoint, StoreSettings.checkedEndpoint)
        usersTableName = try reader.value(.usersTableName, StoreSettings.checkedTableName)
        sasToken = try reader.secret(.sasToken, bytes: 1...SettingReader.valueBytesMax)
        let kind: Kind = try reader.value(.store, default: endpoint == nil ? "sqlite" : "azure") {
            text throws(SettingProblem) in
            switch text {
            case "sqlite": return .sqlite(path: directory + "/" + StoreSettings.fileName)
            case "azure": return .azure
            case "memory": return .memory
            default:
                guard text.hasPrefix("sqlite:"), text.utf8.count > "sqlite:".utf8.count else {
                    throw .notAllowed
                }
                return .sqlite(path: host.absolute(String(text.dropFirst("sqlite:".count))))
            }
        }
        self.kind = kind
        readsOldTable = try reader.value(.oldTable, default: kind == .azure ? "on" : "off") {
            text throws(SettingProblem) in
            switch text {
            case "on": return true
            case "off": return false
            default: throw .notAllowed
            }
        }
        let sweepHours = try reader.integer(.sweepHours)
        sweepInterval = sweepHours == 0 ? nil : .seconds(sweepHours * 3600)
        sweepPause = .milliseconds(try reader.integer(.sweepPause))
    }

    /// The rule of Azure Table Storage for names of tables.
    static func checkedTableName(_ text: String) throws(SettingProblem) -> String {
        let bytes = Array(text.utf8)
        guard (3...63).contains(bytes.count), !(0x30...0x39).contains(bytes[0]),
            bytes.allSatisfy({ byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
                default: false
                }
            })
        else { throw .notAllowed }
        return text
    }

    /// Never quotes the value: people paste whole URLs here, with the signature in the query.
    private static func checkedEndpoint(_ text: String) throws(SettingProblem) -> String {
        let isPlain = text.hasPrefix("http://")
        guard isPlain || text.hasPrefix("https://") else {
            throw SettingProblem("does not begin with https://")
        }
        guard !text.utf8.contains(where: { [0x3f, 0x23, 0x40, 0x20].contains($0) }) else {
            throw SettingProblem("has a user, a query, a fragment or a space; a SAS is SAS_TOKEN")
        }
        let host = text.dropFirst(isPlain ? 7 : 8).prefix { $0 != "/" }
        guard !host.isEmpty else { throw SettingProblem("has no host") }
        if isPlain {
            let name =
                host.hasPrefix("[")
                ? host.dropFirst().prefix { $0 != "]" } : host.prefix { $0 != ":" }
            guard ListenAddress.loopback(String(name)) != nil else {
                throw SettingProblem("sends secrets over plain http to another machine")
            }
        }
        return text
    }
}
