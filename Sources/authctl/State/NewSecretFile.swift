import AuthClient
import Bytes
import Glibc

/// A new file with a secret, readable only by its owner. An existing file is left alone.
struct NewSecretFile {
    let path: String

    /// Fails early, before the user or the daemon is asked for anything.
    ///
    /// - Throws: `Failure` when something has that name.
    func expectAbsence() throws(Failure) {
        var status = stat()
        guard lstat(path, &status) != 0 else { throw trouble(EEXIST) }
    }

    /// Writes the whole file, or none.
    ///
    /// - Throws: `Failure` when something has that name, or it can't be written.
    func create(_ content: Secret) throws(Failure) {
        if let cause = write(content) { throw trouble(cause) }
    }

    /// Likewise; gives back the error number, or nil when all is on disk.
    func write(_ content: Secret) -> Int32? {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { return errno }
        var cause = content.withUnsafeBytes { Descriptor.write($0, to: descriptor) }
        if cause == nil, fsync(descriptor) != 0 { cause = errno }
        close(descriptor)
        if cause != nil { unlink(path) }
        return cause
    }

    private func trouble(_ number: Int32) -> Failure {
        guard number != EEXIST else {
            return Failure(
                .usage, "FILE_EXISTS", "\(path) already exists",
                hint: "choose another name, or remove it")
        }
        return Failure(
            .usage, "FILE_NOT_WRITTEN",
            "\(path) can't be written: \(systemMessage(number))")
    }
}
