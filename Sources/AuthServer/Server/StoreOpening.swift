import SQLiteStore
package import Storage

/// Opens stores by their settings: for the daemon, and for tools that work on a store without one.
package enum StoreOpening {
    /// Opens a store; an SQLite file is made where there is none.
    ///
    /// - Parameter settings: which one.
    /// - Returns: the store, to be closed by the caller.
    /// - Throws: `.store`, `.unsupported`: one line for the operator.
    package static func open(
        _ settings: StoreSettings
    ) throws(StartError) -> any EntityStore {
        switch settings.kind {
        case .memory:
            return MemoryStore()
        case .sqlite(let path):
            do {
                return try SQLiteStore(path: path)
            } catch {
                throw .store("the store can't be opened: \(StoreErrorText.text(error))")
            }
        case .azure:
            throw .unsupported(
                "AUTHD_STORE: this build has no Azure Table store yet; use sqlite, or unset ENDPOINT"
            )
        }
    }
}
