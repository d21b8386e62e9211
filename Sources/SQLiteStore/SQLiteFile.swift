import Bytes
import Glibc
import Storage

/// The database file in the file system: checked and created before SQLite opens it.
///
/// Its directory belongs to us or root and nobody else can write there, so what is checked can't be
/// replaced before it is opened.
struct SQLiteFile: Sendable, Equatable {
    /// Absolute, without symbolic links.
    let path: String
    private let device: dev_t
    private let inode: ino_t

    /// Checks the file at `path`, and creates it, empty and with mode 0600, if there is none.
    ///
    /// An existing file is not opened: closing a descriptor would drop the locks that this process
    /// holds on the file through another connection (POSIX).
    ///
    /// - Throws: `.unavailable` with what the operator has to change.
    init(preparing path: String) throws(StoreError) {
        let (directory, name) = try Self.split(path)
        try Self.checkDirectory(directory)
        self.path = directory == "/" ? "/" + name : directory + "/" + name
        if try Self.status(of: self.path) == nil {
            try Self.create(self.path, in: directory)
        }
        for companion in ["-wal", "-shm", "-journal"] {
            if let status = try Self.status(of: self.path + companion) {
                try Self.check(status, of: self.path + companion)
            }
        }
        guard let status = try Self.status(of: self.path) else {
            throw .unavailable("\(self.path): removed while it was being opened")
        }
        try Self.check(status, of: self.path)
        device = status.st_dev
        inode = status.st_ino
    }

    /// - Throws: `.unavailable` when the file was removed or replaced since it was opened: what is
    ///   written to it would be lost.
    func checkIsInPlace() throws(StoreError) {
        guard let status = try Self.status(of: path),
            status.st_dev == device, status.st_ino == inode
        else {
            throw .unavailable("\(path): removed or replaced while in use; restart the daemon")
        }
    }

    /// The directory, without symbolic links, and the name of a file.
    static func split(_ path: String) throws(StoreError) -> (directory: String, name: String) {
        guard !path.isEmpty, !path.utf8.contains(0) else {
            throw .unavailable("the path of the database is empty or has a NUL")
        }
        let slash = path.lastIndex(of: "/")
        let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
        guard !name.isEmpty, name != ".", name != ".." else {
            throw .unavailable("\(path): is a directory; name a file in it")
        }
        let given = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        guard let resolved = realpath(given, nil) else {
            throw .unavailable(
                "\(given): \(systemMessage(errno)); create the directory with mode 0700")
        }
        defer { free(resolved) }
        return (String(cString: resolved), name)
    }

    /// Creates an empty file of mode 0600 that must not exist.
    static func create(_ path: String, in directory: String) throws(StoreError) {
        let file = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            throw .unavailable("\(path): can't be created: \(systemMessage(errno))")
        }
        // The umask can only have removed bits that the owner needs.
        let result = fchmod(file, 0o600)
        close(file)
        guard result == 0 else {
            throw .unavailable("\(path): its mode can't be set to 0600: \(systemMessage(errno))")
        }
        try synchronize(directory)
    }

    /// Makes the names in a directory durable.
    static func synchronize(_ directory: String) throws(StoreError) {
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw .unavailable("\(directory): can't be opened: \(systemMessage(errno))")
        }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else {
            throw .unavailable("\(directory): can't be synced: \(systemMessage(errno))")
        }
    }

    static func checkDirectory(_ directory: String) throws(StoreError) {
        guard let status = try status(of: directory) else {
            throw .unavailable("\(directory): does not exist; create it with mode 0700")
        }
        guard status.st_uid == geteuid() || status.st_uid == 0 else {
            throw .unavailable(
                "\(directory): belongs to uid \(status.st_uid); chown it to uid \(geteuid())")
        }
        guard status.st_mode & 0o022 == 0 else {
            throw .unavailable(
                "\(directory): group or others can write to it and thus replace the database;"
                    + " chmod it to 0700")
        }
    }

    static func check(_ status: stat, of path: String) throws(StoreError) {
        switch status.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFDIR: throw .unavailable("\(path): is a directory; name a file in it")
        case S_IFLNK: throw .unavailable("\(path): is a symbolic link; name the file itself")
        default: throw .unavailable("\(path): is not a regular file")
        }
        guard status.st_uid == geteuid() else {
            throw .unavailable(
                "\(path): belongs to uid \(status.st_uid); chown it to uid \(geteuid())")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw .unavailable(
                "\(path): group or others can read it, and it holds credentials; chmod it to 0600")
        }
    }

    static func status(of path: String) throws(StoreError) -> stat? {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            if errno == ENOENT { return nil }
            throw .unavailable("\(path): \(systemMessage(errno))")
        }
        return status
    }
}
