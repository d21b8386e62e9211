import Bytes
import Glibc

/// Small files with secrets, which others must not be able to read.
enum PrivateFile {
    /// More than any key has.
    private static let bytesMax = 64 * 1024

    /// All of `path`.
    ///
    /// - Throws: `Failure` when it can't be read, or is open to others than its owner, who is this
    ///   user or root.
    static func read(_ path: String) throws(Failure) -> SecretBytes {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else { throw trouble(path, "can't be opened") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            status.st_size <= bytesMax
        else {
            throw Failure(.localState, "KEY_FILE", "\(path) is not a small regular file")
        }
        guard status.st_uid == geteuid() || status.st_uid == 0 || geteuid() == 0,
            status.st_mode & 0o077 == 0
        else {
            throw Failure(
                .localState, "KEY_FILE", "\(path) is open to others", hint: "chmod 600 it")
        }
        return try SecretBytes(count: Int(status.st_size)) { buffer throws(Failure) in
            guard Glibc.read(descriptor, buffer.baseAddress, buffer.count) == buffer.count else {
                throw trouble(path, "can't be read")
            }
        }
    }

    /// Makes the file with `content` and mode 0600.
    ///
    /// - Throws: `Failure` when it exists or can't be made.
    static func write(_ content: SecretBytes, to path: String) throws(Failure) {
        let descriptor = open(
            path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw trouble(path, "can't be made") }
        defer { close(descriptor) }
        let written = content.withUnsafeBytes {
            Glibc.write(descriptor, $0.baseAddress, $0.count)
        }
        guard written == content.count, fsync(descriptor) == 0 else {
            unlink(path)
            throw trouble(path, "can't be written")
        }
    }

    private static func trouble(_ path: String, _ problem: String) -> Failure {
        Failure(
            .localState, "KEY_FILE", "\(path) \(problem): \(systemMessage(errno))")
    }
}
