import Bytes
import Foundation
import Glibc

/// A file of mode 0600 that is written line by line.
final class PrivateOutputFile {
    let path: String
    private let descriptor: Int32
    private var buffer = Data()
    private static let bufferBytes = 65_536

    /// - Parameters:
    ///   - path: of the file.
    ///   - replaces: whether an existing file is overwritten; else it is refused.
    /// - Throws: `Failure` when it can't be created.
    init(path: String, replaces: Bool) throws(Failure) {
        self.path = path
        if replaces { unlink(path) }
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw Failure(
                .usage, "FILE", "\(path) can't be created: \(systemMessage(errno))",
                hint: errno == EEXIST ? "nothing is overwritten; name a new file" : nil)
        }
    }

    deinit {
        close(descriptor)
    }

    /// Adds a line.
    ///
    /// - Throws: `Failure` when it can't be written.
    func write(_ line: String) throws(Failure) {
        buffer.append(contentsOf: line.utf8)
        buffer.append(UInt8(ascii: "\n"))
        if buffer.count >= PrivateOutputFile.bufferBytes { try flush() }
    }

    /// Flushes everything to the disk.
    ///
    /// - Throws: `Failure` when it can't be written.
    func finish() throws(Failure) {
        try flush()
        guard fsync(descriptor) == 0 || errno == EINVAL else { throw trouble(errno) }
    }

    /// Removes the file again.
    func remove() {
        unlink(path)
    }

    private func flush() throws(Failure) {
        if let cause = buffer.withUnsafeBytes({ Descriptor.write($0, to: descriptor) }) {
            throw trouble(cause)
        }
        buffer.removeAll(keepingCapacity: true)
    }

    private func trouble(_ number: Int32) -> Failure {
        Failure(
            .localState, "FILE", "\(path) can't be written: \(systemMessage(number))")
    }
}
