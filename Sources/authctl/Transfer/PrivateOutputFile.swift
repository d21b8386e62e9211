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
    ///   - replaces: whether a file that is there is written over; else it is refused.
    /// - Throws: `Failure` when it can't be made.
    init(path: String, replaces: Bool) throws(Failure) {
        self.path = path
        if replaces { unlink(path) }
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw Failure(
                .usage, "FILE", "\(path) can't be made: \(systemMessage(errno))",
                hint: errno == EEXIST ? "nothing is overwritten; name a new file" : nil)
        }
    }

    deinit {
        close(descriptor)
    }

    /// Adds a line.
    ///
    /// - Throws: `Failure` when the disk does not take it.
    func write(_ line: String) throws(Failure) {
        buffer.append(contentsOf: line.utf8)
        buffer.append(UInt8(ascii: "\n"))
        if buffer.count >= PrivateOutputFile.bufferBytes { try flush() }
    }

    /// Brings everything to the disk.
    ///
    /// - Throws: `Failure` when the disk does not take it.
    func finish() throws(Failure) {
        try flush()
        guard fsync(descriptor) == 0 || errno == EINVAL else { throw trouble() }
    }

    /// Takes the file away again.
    func remove() {
        unlink(path)
    }

    private func flush() throws(Failure) {
        var written = 0
        while written < buffer.count {
            let count = buffer.withUnsafeBytes { bytes in
                Glibc.write(
                    descriptor, bytes.baseAddress?.advanced(by: written), bytes.count - written)
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw trouble() }
            written += count
        }
        buffer.removeAll(keepingCapacity: true)
    }

    private func trouble() -> Failure {
        Failure(
            .localState, "FILE", "\(path) can't be written: \(systemMessage(errno))")
    }
}
