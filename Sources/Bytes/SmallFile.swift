package import Glibc

/// The content of a small file that may hold secrets, with what its mode and owner were when it was
/// open.
///
/// Everything is asked of the opened descriptor, so that the file that is checked is the file that
/// is read.
package struct SmallFile: Sendable {
    /// Why a file can't be read.
    package struct Problem: Error {
        /// Follows the file's name: `is not a regular file`.
        package let phrase: String
    }

    package let bytes: SecretBytes
    /// The permissions.
    package let mode: mode_t
    package let owner: uid_t

    /// Reads all of `path`: a regular file of at most `bytesMax`.
    ///
    /// - Throws: `Problem`.
    package init(path: String, bytesMax: Int) throws(Problem) {
        // O_NONBLOCK: opening a FIFO must not wait for somebody to write to it.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else {
            throw Problem(phrase: "can't be opened: \(systemMessage(errno))")
        }
        defer { close(descriptor) }
        try self.init(descriptor: descriptor, bytesMax: bytesMax)
    }

    /// Reads all of the open file `descriptor`, which stays open.
    ///
    /// - Throws: `Problem`.
    package init(descriptor: CInt, bytesMax: Int) throws(Problem) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw Problem(phrase: "can't be examined: \(systemMessage(errno))")
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw Problem(phrase: "is not a regular file")
        }
        guard status.st_size <= bytesMax else {
            throw Problem(phrase: "is larger than \(bytesMax / 1024) KiB")
        }
        var count = 0
        // One byte more than it had, to see that it grew.
        let block = try SecretBytes(count: Int(status.st_size) + 1) { buffer throws(Problem) in
            while count < buffer.count {
                let got = read(
                    descriptor, buffer.baseAddress?.advanced(by: count), buffer.count - count)
                if got < 0 && errno == EINTR { continue }
                guard got >= 0 else {
                    throw Problem(phrase: "can't be read: \(systemMessage(errno))")
                }
                if got == 0 { break }
                count += got
            }
        }
        guard count <= Int(status.st_size) else {
            throw Problem(phrase: "grew while it was read")
        }
        bytes = block.slice(from: 0, count: count)
        mode = status.st_mode & 0o7777
        owner = status.st_uid
    }

    /// Whether anybody but its owner may do anything with it.
    package var isOpenToOthers: Bool { mode & 0o077 != 0 }
}
