import Bytes
import Glibc
import Storage

/// Keeps SQLite of other processes away from a database, intact or not, by the locks that it takes
/// itself (https://sqlite.org/src/file/src/os_unix.c).
///
/// Every connection to a database with a write-ahead log holds one lock on the file and one on its
/// `-shm`, from its first read until it is closed. They are of the process (POSIX): this one must
/// not open and close the file otherwise meanwhile.
struct SQLiteFileLock: ~Copyable {
    /// PENDING_BYTE, RESERVED_BYTE and the 510 bytes of SHARED_FIRST.
    private static let databaseBytes = (start: 0x4000_0000, count: 512)
    /// UNIX_SHM_DMS.
    private static let sharedMemoryBytes = (start: 128, count: 1)

    private let descriptors: [Int32]

    /// - Parameter database: the path; there may be no such file.
    /// - Throws: `SQLiteRestoreError.inUse`; `StoreError`.
    init(database: String) throws {
        var descriptors: [Int32] = []
        do {
            for (path, bytes) in [
                (database, Self.databaseBytes), (database + "-shm", Self.sharedMemoryBytes),
            ] {
                guard let status = try SQLiteFile.status(of: path) else { continue }
                try SQLiteFile.check(status, of: path)
                let descriptor = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC)
                guard descriptor >= 0 else {
                    throw StoreError.unavailable("\(path): \(systemMessage(errno))")
                }
                descriptors.append(descriptor)
                try Self.lock(descriptor, bytes, path)
            }
        } catch {
            for descriptor in descriptors { close(descriptor) }
            throw error
        }
        self.descriptors = descriptors
    }

    deinit {
        for descriptor in descriptors { close(descriptor) }
    }

    /// Lets SQLite in again. Without it the locks end with the value's last use.
    consuming func release() {}

    private static func lock(
        _ descriptor: Int32, _ bytes: (start: Int, count: Int), _ path: String
    ) throws {
        var lock = flock()
        lock.l_type = Int16(F_WRLCK)
        lock.l_whence = Int16(SEEK_SET)
        lock.l_start = off_t(bytes.start)
        lock.l_len = off_t(bytes.count)
        guard fcntl(descriptor, F_SETLK, &lock) != 0 else { return }
        if errno == EAGAIN || errno == EACCES { throw SQLiteRestoreError.inUse }
        throw StoreError.unavailable("\(path): can't be locked: \(systemMessage(errno))")
    }
}
