import Bytes
import GRDB
import Glibc
import Storage

/// Puts a backup in the place of a database that nobody has open.
///
/// A backup that is only copied over the database is damaged at the next start: a killed daemon
/// leaves its log, and SQLite plays that over whatever has the database's name.
package struct SQLiteRestore: Sendable {
    /// What was, or would be, done.
    package struct Outcome: Sendable, Equatable {
        /// Entities in the backup.
        package let entityCount: Int
        /// Where the database that was there is kept; nil where there was none, or it is not kept.
        package let kept: String?
    }

    private static let companions = ["-wal", "-journal"]

    private let backup: String
    private let path: String
    private let options = SQLiteStoreOptions()

    /// - Parameters:
    ///   - backup: a file that a store's `backup` made, or a database with its log beside it.
    ///   - path: the database; there may be none.
    package init(backup: String, path: String) {
        self.backup = backup
        self.path = path
    }

    /// Checks the backup, copies it to another name beside the database and checks the copy; then
    /// puts that in the database's place. Blocks on the disk.
    ///
    /// - Parameters:
    ///   - keepsOld: whether the database that is there stays, as NAME.before-restore.
    ///   - isDryRun: whether all is done but the last step.
    /// - Returns: what was done.
    /// - Throws: see `SQLiteRestoreError`; the database is then as it was.
    package func run(
        keepsOld: Bool, isDryRun: Bool
    ) throws(SQLiteRestoreError) -> Outcome {
        do {
            let (directory, name) = try SQLiteFile.split(path)
            let database = directory == "/" ? "/" + name : directory + "/" + name
            let old = try SQLiteFile.status(of: database)
            if let owner = old?.st_uid, owner != geteuid() {
                throw StoreError.unavailable("\(database): belongs to uid \(owner)")
            }
            try SQLiteFile.checkDirectory(directory)
            try checkIsOther(than: old)
            let count = try checkedCount()
            let lock = try SQLiteFileLock(database: database)
            let kept = keepsOld && old != nil ? database + ".before-restore" : nil
            if let kept { try checkIsFree(kept, old) }
            if !isDryRun { PartialCopy.removeLeftovers(in: directory, of: name) }
            let partial = PartialCopy.path(for: database)
            try SQLiteFile.create(partial, in: directory)
            defer { PartialCopy.remove(partial) }
            try SQLiteBackup.copy(from: backup, to: partial, options: options)
            if !isDryRun { try replace(database, by: partial, keeping: kept, in: directory) }
            lock.release()
            return Outcome(entityCount: count, kept: kept)
        } catch let error as SQLiteRestoreError {
            throw error
        } catch {
            throw .store(StoreError(sqlite: error, path: path))
        }
    }

    private func checkIsOther(than old: stat?) throws(SQLiteRestoreError) {
        guard !PartialCopy.isPartial(String(backup.split(separator: "/").last ?? "")) else {
            throw .unsuitable("\(backup): is an unfinished copy")
        }
        var found = stat()
        guard stat(backup, &found) == 0 else {
            throw .unsuitable("\(backup): \(systemMessage(errno))")
        }
        guard found.st_mode & S_IFMT == S_IFREG else {
            throw .unsuitable("\(backup): is not a regular file")
        }
        guard found.st_dev != old?.st_dev || found.st_ino != old?.st_ino else {
            throw .unsuitable("\(backup): is the database itself")
        }
    }

    /// The number of entities in the backup, once it has been checked.
    private func checkedCount() throws(SQLiteRestoreError) -> Int {
        do {
            let queue = try SQLiteConnection.reader(path: backup, options: options)
            let count = try queue.inDatabase { database in
                try SQLiteSchema.checkIsStore(database, path: backup)
                guard try String.fetchOne(database, sql: "PRAGMA quick_check(1)") == "ok" else {
                    throw DatabaseError(resultCode: .SQLITE_CORRUPT)
                }
                return try Int.fetchOne(database, sql: "SELECT count(*) FROM entities") ?? 0
            }
            try queue.close()
            return count
        } catch {
            switch StoreError(sqlite: error, path: backup) {
            case .unavailable(let text): throw .unsuitable(text)
            default: throw .unsuitable("\(backup): is not an intact database of this program")
            }
        }
    }

    /// - Throws: `.kept` when an earlier database is at `kept`. That of a restore that stopped midway
    ///   is the one that is still in place.
    private func checkIsFree(_ kept: String, _ old: stat?) throws {
        if let found = try SQLiteFile.status(of: kept) {
            guard found.st_dev == old?.st_dev, found.st_ino == old?.st_ino else {
                throw SQLiteRestoreError.kept(kept)
            }
            return
        }
        for companion in Self.companions
        where try SQLiteFile.status(of: kept + companion) != nil {
            throw SQLiteRestoreError.kept(kept + companion)
        }
    }

    /// The log leaves before the new database comes: at no moment are the two beside each other.
    private func replace(
        _ database: String, by partial: String, keeping kept: String?, in directory: String
    ) throws {
        if let kept {
            guard link(database, kept) == 0 || errno == EEXIST else { throw trouble(kept) }
        }
        for companion in Self.companions {
            let path = database + companion
            let result = kept.map { rename(path, $0 + companion) } ?? unlink(path)
            guard result == 0 || errno == ENOENT else { throw trouble(path) }
        }
        guard unlink(database + "-shm") == 0 || errno == ENOENT else {
            throw trouble(database + "-shm")
        }
        try SQLiteFile.synchronize(directory)
        guard rename(partial, database) == 0 else { throw trouble(database) }
        try SQLiteFile.synchronize(directory)
    }

    private func trouble(_ path: String) -> StoreError {
        .unavailable("\(path): can't be replaced: \(systemMessage(errno))")
    }
}
