import GRDB
import Storage

extension StoreError {
    /// What an error of SQLite or GRDB means to a caller and to the operator: the one place where
    /// they are translated.
    ///
    /// The text is made only from the result code. Neither the error's own description nor its
    /// arguments go into it: they can contain what was bound, such as password hashes.
    ///
    /// - Parameters:
    ///   - error: what a call to SQLite threw.
    ///   - path: the file, named in the text.
    ///   - isCommit: whether a commit threw it. An I/O error there leaves the outcome unknown: the
    ///     frames were written, only the sync failed, and a crash might find them again.
    init(sqlite error: any Error, path: String, isCommit: Bool = false) {
        if let error = error as? StoreError {
            self = error
            return
        }
        guard let error = error as? DatabaseError else {
            self = .unavailable("\(path): unexpected failure (\(type(of: error)))")
            return
        }
        let code = "(SQLite code \(error.extendedResultCode.rawValue))"
        switch error.resultCode {
        case .SQLITE_FULL:
            self = .unavailable("\(path): the disk is full; free some space \(code)")
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            self = .unavailable(
                "\(path): another process holds a lock on the file; find and stop it \(code)")
        case .SQLITE_PERM, .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_AUTH:
            self = .unavailable(
                "\(path): no permission, or not writable; check the owner and mode of the file and"
                    + " its directory, and that its file system is mounted writable \(code)")
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            self = .corrupt(
                "\(path): not an intact SQLite database; stop all daemons and restore it from a"
                    + " backup with 'authctl admin restore' \(code)")
        case .SQLITE_IOERR where isCommit:
            self = .unknownOutcome(
                "\(path): the disk failed during a commit; check it and the kernel's log \(code)")
        case .SQLITE_IOERR:
            self = .unavailable(
                "\(path): the disk failed; check it and the kernel's log \(code)")
        case .SQLITE_NOMEM:
            self = .unavailable("\(path): out of memory \(code)")
        case .SQLITE_SCHEMA, .SQLITE_ERROR:
            self = .corrupt(
                "\(path): its tables are not those of this program; stop all daemons and restore"
                    + " it from a backup with 'authctl admin restore' \(code)")
        default:
            self = .unavailable("\(path): the database failed \(code)")
        }
    }
}
