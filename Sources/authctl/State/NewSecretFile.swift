import AuthClient
import Bytes
import Glibc

/// A new file with a secret, readable by its owner only. What is there already stays as it is.
struct NewSecretFile {
    let path: String

    /// Fails early, before anything is asked of the user or the daemon.
    ///
    /// - Throws: `Failure` when something has that name.
    func expectAbsence() throws(Failure) {
        var status = stat()
        guard lstat(path, &status) != 0 else { throw trouble(EEXIST) }
    }

    /// Writes the whole file, or leaves none behind.
    ///
    /// - Throws: `Failure` when something has that name, or it can't be written.
    func create(_ content: Secret) throws(Failure) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw trouble(errno) }
        let cause = content.withUnsafeBytes { NewSecretFile.write($0, to: descriptor) }
        close(descriptor)
        if let cause {
            unlink(path)
            throw trouble(cause)
        }
    }

    /// The error number, or nil when all is on disk.
    private static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int32? {
        var rest = bytes
        while !rest.isEmpty {
            let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return count < 0 ? errno : EIO }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
        return fsync(descriptor) == 0 ? nil : errno
    }

    private func trouble(_ number: Int32) -> Failure {
        guard number != EEXIST else {
            return Failure(
                .usage, "FILE_EXISTS", "\(path) exists already",
                hint: "choose another name, or remove it")
        }
        return Failure(
            .usage, "FILE_NOT_WRITTEN",
            "\(path) can't be written: \(systemMessage(number))")
    }
}
