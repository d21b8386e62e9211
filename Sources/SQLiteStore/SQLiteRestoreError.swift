package import Storage

/// Why a backup was not restored.
package enum SQLiteRestoreError: Error, Sendable, Equatable {
    /// A process has the database open.
    case inUse
    /// The backup can't be used. The text says why.
    case unsuitable(String)
    /// There is a database already at the path where that of now would be kept.
    case kept(String)
    /// Reading or writing failed.
    case store(StoreError)
}
