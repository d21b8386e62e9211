extension StoreSettings {
    /// These settings with another store: how a tool that works on two stores names them.
    ///
    /// - Parameters:
    ///   - text: `sqlite`, `sqlite:PATH`, `azure`, or `azure:TABLE` for a table other than the one
    ///     that is configured. Endpoint and credentials always come from the settings.
    ///   - host: what relative paths are resolved against.
    /// - Returns: the settings, or nil when `text` does not name a persistent store.
    package func naming(_ text: String, host: HostFacts = .current) -> StoreSettings? {
        var settings = self
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let detail = parts.count == 2 ? String(parts[1]) : nil
        switch (parts[0], detail) {
        case ("sqlite", nil):
            settings.kind = .sqlite(path: stateDirectory + "/" + StoreSettings.fileName)
        case ("sqlite", .some(let path)) where !path.isEmpty:
            settings.kind = .sqlite(path: host.absolute(path))
        case ("azure", nil):
            settings.kind = .azure
        case ("azure", .some(let table)):
            guard let name = try? AzureSettings.checkedTableName(table) else { return nil }
            settings.kind = .azure
            settings.azure.table = name
        default:
            return nil
        }
        return settings
    }

    /// What a copy is identified by: the place, without secrets.
    package var place: String {
        switch kind {
        case .sqlite(let path): "sqlite:\(path)"
        case .azure: "azure:\(usersTableName)"
        case .memory: "memory"
        }
    }
}
