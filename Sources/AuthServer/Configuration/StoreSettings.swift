/// Where accounts are stored.
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
    /// The settings of Azure Table Storage, whether it is the store or not.
    package internal(set) var azure: AzureSettings
    /// Whether users may still be in rows of the old application.
    package let readsOldTable: Bool
    /// How long after a sweep of expired sessions the next begins; nil for never.
    package let sweepInterval: Duration?
    /// How long a sweep pauses after each step.
    package let sweepPause: Duration
    /// The Azure table's name, and the partition of the old application's rows.
    package var usersTableName: String { azure.table }

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
        let azure = try AzureSettings(&reader, host: host)
        self.azure = azure
        let kind: Kind = try reader.value(
            .store, default: azure.endpoint == nil ? "sqlite" : "azure"
        ) {
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
        if case .azure = kind { _ = try azure.account() }
    }
}
