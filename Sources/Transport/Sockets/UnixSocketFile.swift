import Glibc

/// The file of a listening Unix socket: replaces a stale one, gets its mode and owner, and
/// is removed at the end if it is still ours.
struct UnixSocketFile: Sendable {
    /// What distinguishes our file from one that replaced it.
    private struct Identity: Equatable {
        let device: UInt64
        let inode: UInt64
    }

    private let path: String
    private let identity: Identity

    /// Binds `socket` to `address`, whose path is `path`. Nobody can connect before `listen(2)`, so
    /// there is no moment with wrong permissions.
    ///
    /// - Throws: `TransportError`.
    init(
        binding socket: Socket, to address: SocketAddress, path: String, options: ListenerOptions
    ) throws(TransportError) {
        self.path = path
        let directory = UnixSocketFile.directory(of: path)
        if mkdir(directory, options.directoryMode) < 0, errno != EEXIST {
            throw .system(call: "mkdir", subject: directory, code: errno)
        }
        let lock = try UnixSocketFile.lock(directory)
        defer { close(lock) }
        try UnixSocketFile.removeStale(path, address)
        // The kernel gives the file the socket's own mode, less the umask.
        fchmod(socket.descriptor, options.mode)
        guard address.withSystemAddress({ bind(socket.descriptor, $0, $1) }) == 0 else {
            let code = errno
            if code == EADDRINUSE { throw .alreadyInUse(address.description) }
            throw .system(call: "bind", subject: path, code: code)
        }
        guard let identity = UnixSocketFile.identity(of: path) else {
            throw .system(call: "lstat", subject: path, code: errno)
        }
        self.identity = identity
        do {
            try UnixSocketFile.apply(options, to: path)
        } catch {
            remove()
            throw error
        }
    }

    /// Removes the file, unless it has been replaced.
    func remove() {
        if UnixSocketFile.identity(of: path) == identity { unlink(path) }
    }

    private static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Two processes that start concurrently must not both find the file stale, or the second would
    /// remove the first one's. The lock is released when the descriptor is closed.
    private static func lock(_ directory: String) throws(TransportError) -> Int32 {
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw .system(call: "open", subject: directory, code: errno)
        }
        // Held for milliseconds by others like us; a longer holder must not stop us permanently.
        let triesMax = 100
        var tries = 1
        while flock(descriptor, LOCK_EX | LOCK_NB) < 0 {
            guard errno == EWOULDBLOCK || errno == EINTR, tries < triesMax else {
                let code = errno
                close(descriptor)
                throw .system(call: "flock", subject: directory, code: code)
            }
            tries += 1
            usleep(20_000)
        }
        return descriptor
    }

    private static func removeStale(
        _ path: String, _ address: SocketAddress
    ) throws(TransportError) {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            if errno == ENOENT { return }
            throw .system(call: "lstat", subject: path, code: errno)
        }
        guard status.st_mode & S_IFMT == S_IFSOCK else { throw .notASocket(path) }
        switch try Socket(for: address).connect(to: address) {
        case .failed(ECONNREFUSED): break
        // A full backlog (EAGAIN) also means that somebody is listening.
        case .connected, .inProgress, .failed(EAGAIN): throw .alreadyInUse(address.description)
        case .failed(let code): throw .system(call: "connect", subject: path, code: code)
        }
        guard unlink(path) == 0 || errno == ENOENT else {
            throw .system(call: "unlink", subject: path, code: errno)
        }
    }

    private static func apply(
        _ options: ListenerOptions, to path: String
    ) throws(TransportError) {
        // It means "unchanged" to chown(2).
        let none = UInt32.max
        let user = options.owner ?? none
        let group = options.group ?? none
        if user != none || group != none {
            guard lchown(path, user, group) == 0 else {
                throw .system(call: "chown", subject: path, code: errno)
            }
        }
        // Restores what the umask removed.
        guard chmod(path, options.mode) == 0 else {
            throw .system(call: "chmod", subject: path, code: errno)
        }
        // Some file systems accept these calls and do nothing.
        var status = stat()
        guard lstat(path, &status) == 0 else {
            throw .system(call: "lstat", subject: path, code: errno)
        }
        guard status.st_mode & 0o7777 == options.mode, user == none || status.st_uid == user,
            group == none || status.st_gid == group
        else { throw .permissionsNotApplied(path) }
    }

    private static func identity(of path: String) -> Identity? {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        return Identity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    }
}
