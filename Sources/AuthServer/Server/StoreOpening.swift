import AzureTableStore
import HTTPClient
import SQLiteStore
package import Storage

/// Opens stores by their settings: for the daemon, and for tools that work on a store without one.
package enum StoreOpening {
    /// Opens a store; an SQLite file is created if there is none.
    ///
    /// - Parameters:
    ///   - settings: which one.
    ///   - isDryRun: whether nothing may be created: an Azure table that is missing counts as empty.
    ///   - notify: takes lines for the operator about what the store does and finds.
    /// - Returns: the store, to be closed by the caller.
    /// - Throws: `.store`, `.unsupported`: one line for the operator.
    package static func open(
        _ settings: StoreSettings, isDryRun: Bool = false,
        notify: @escaping @Sendable (String) -> Void
    ) async throws(StartError) -> any EntityStore {
        switch settings.kind {
        case .memory:
            return MemoryStore()
        case .sqlite(let path):
            do {
                return try SQLiteStore(path: path)
            } catch {
                throw .store("the store can't be opened: \(error.text)")
            }
        case .azure:
            return try await openAzure(settings.azure, isDryRun, notify)
        }
    }

    private static func openAzure(
        _ settings: AzureSettings, _ isDryRun: Bool,
        _ notify: @escaping @Sendable (String) -> Void
    ) async throws(StartError) -> any EntityStore {
        let account: AzureAccount
        do {
            account = try settings.account()
            try settings.checkAuthorities()
        } catch {
            throw .configuration(error)
        }
        var options = HTTPClientOptions()
        options.authoritiesFile = settings.authoritiesFile
        let http: HTTPClient
        do {
            http = try HTTPClient(options)
        } catch {
            throw .store("the HTTP client for Azure can't be created: \(error)")
        }
        let environment = AzureEnvironment(
            now: { SystemClock.now }, readFile: readSecret, notify: notify)
        let store = AzureTableStore(
            account: account, table: settings.table,
            createsTable: settings.createsTable && !isDryRun,
            http: http, environment: environment)
        do {
            try await store.prepare()
        } catch {
            await store.close()
            if isDryRun, error == store.missingTable { return MemoryStore() }
            throw .store("the store can't be used: \(error.text)")
        }
        return store
    }

    /// The token file of a workload identity: the cluster decides on its mode.
    private static func readSecret(_ path: String) -> SecretFileContent {
        do throws(ConfigurationError) {
            return .content(try PrivateFile(path: path).bytes)
        } catch {
            return .unreadable("\(error)")
        }
    }
}
