import Bytes
import Glibc

/// The content of a file that may hold secrets, with what its mode and owner were when it was open.
///
/// Everything is asked of the opened descriptor, so that the file that is checked is the file that
/// is read.
struct PrivateFile {
    /// Far more than a PEM file or a `.env` file has.
    static let bytesMax = 64 * 1024

    let path: String
    let bytes: SecretBytes
    private let mode: mode_t
    private let owner: uid_t

    /// Reads all of `path`: a regular file of at most 64 KiB.
    ///
    /// - Throws: `unusableFile`.
    init(path: String) throws(ConfigurationError) {
        // O_NONBLOCK: opening a FIFO must not wait for somebody to write to it.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else {
            throw .unusableFile(path: path, problem: "can't be opened: \(SystemError.last)")
        }
        defer { close(descriptor) }
        try self.init(path: path, descriptor: descriptor)
    }

    /// Whether there is anything at `path`, readable or not.
    static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    /// Reads all of the open file `descriptor`, which stays open.
    init(path: String, descriptor: CInt) throws(ConfigurationError) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw .unusableFile(path: path, problem: "can't be examined: \(SystemError.last)")
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .unusableFile(path: path, problem: "is not a regular file")
        }
        guard status.st_size <= PrivateFile.bytesMax else {
            throw .unusableFile(path: path, problem: "is larger than 64 KiB")
        }
        var count = 0
        // One byte more than it had, to see that it grew.
        let block = try SecretBytes(count: Int(status.st_size) + 1) {
            buffer throws(ConfigurationError) in
            while count < buffer.count {
                let got = Glibc.read(
                    descriptor, buffer.baseAddress?.advanced(by: count), buffer.count - count)
                if got < 0 && errno == EINTR { continue }
                guard got >= 0 else {
                    throw .unusableFile(
                        path: path, problem: "can't be read: \(SystemError.last)")
                }
                if got == 0 { break }
                count += got
            }
        }
        guard count <= Int(status.st_size) else {
            throw .unusableFile(path: path, problem: "grew while it was read")
        }
        self.path = path
        bytes = block.slice(from: 0, count: count)
        mode = status.st_mode & 0o7777
        owner = status.st_uid
    }

    /// Whether nobody but its owner, whoever that is, and root can read or change it.
    var isClosedToOthers: Bool { mode & 0o077 == 0 }

    /// Refuses a file that others than the daemon's user and root can read or change.
    ///
    /// - Throws: `unusableFile`, saying what to do.
    func requireOwnerOnly() throws(ConfigurationError) {
        try requireTrustedOwner()
        guard mode & 0o077 == 0 else {
            throw .unusableFile(
                path: path,
                problem: "holds a secret and its mode \(OctalMode.text(mode)) opens it to others;"
                    + " chmod 600 it")
        }
    }

    /// Refuses a file that everybody can change, or that belongs to somebody else.
    ///
    /// - Throws: `unusableFile`, saying what to do.
    func requireUnchangedByOthers() throws(ConfigurationError) {
        try requireTrustedOwner()
        guard mode & 0o002 == 0 else {
            throw .unusableFile(
                path: path,
                problem: "can be changed by everybody (mode \(OctalMode.text(mode)));"
                    + " chmod 600 it")
        }
    }

    /// Refuses a file that anybody but its owner can change, or that belongs to somebody else.
    ///
    /// - Throws: `unusableFile`, saying what to do.
    func requireChangedByOwnerOnly() throws(ConfigurationError) {
        try requireTrustedOwner()
        guard mode & 0o022 == 0 else {
            throw .unusableFile(
                path: path,
                problem: "can be changed by others (mode \(OctalMode.text(mode)));"
                    + " chmod 644 it")
        }
    }

    private func requireTrustedOwner() throws(ConfigurationError) {
        guard owner == geteuid() || owner == 0 else {
            throw .unusableFile(
                path: path,
                problem: "belongs to uid \(owner), neither to root nor to the daemon's uid"
                    + " \(geteuid()); chown it")
        }
    }
}
