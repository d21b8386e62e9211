import Bytes
import Foundation
import Glibc

/// Reads a file line by line in bounded memory.
struct LineReader: ~Copyable {
    /// Far longer than any line that can be imported.
    static let lineBytesMax = 65_536
    private static let chunkBytes = 262_144

    /// A line, without its end.
    enum Line {
        case content(Data)
        /// It was longer than `lineBytesMax` and was passed over.
        case tooLong
    }

    private let descriptor: Int32
    private let path: String
    private var buffer = Data()
    private var hasEnded = false
    /// Bytes given out so far, with the ends of lines.
    private(set) var position = 0
    /// Of the whole file; nil where nobody knows, such as of a pipe.
    let size: Int?

    /// - Parameter path: `-` for standard input.
    /// - Throws: `Failure` when it can't be opened.
    init(path: String) throws(Failure) {
        self.path = path
        descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw Failure(
                .usage, "FILE", "\(path) can't be opened: \(systemMessage(errno))")
        }
        var status = stat()
        let isFile = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        size = isFile ? Int(status.st_size) : nil
    }

    deinit {
        if descriptor != STDIN_FILENO { close(descriptor) }
    }

    /// The next line; nil at the end.
    ///
    /// - Throws: `Failure` when the file can't be read.
    mutating func next() throws(Failure) -> Line? {
        var isTooLong = false
        while true {
            if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                return take(buffer[..<end], andSkip: 1, isTooLong)
            }
            if hasEnded {
                guard !buffer.isEmpty || isTooLong else { return nil }
                return take(buffer[...], andSkip: 0, isTooLong)
            }
            if buffer.count > LineReader.lineBytesMax {
                isTooLong = true
                position += buffer.count
                buffer.removeAll(keepingCapacity: true)
            }
            try fill()
        }
    }

    private mutating func take(_ line: Data, andSkip skipped: Int, _ isTooLong: Bool) -> Line {
        position += line.count + skipped
        let content = Data(line)
        buffer.removeFirst(line.count + skipped)
        return isTooLong || content.count > LineReader.lineBytesMax ? .tooLong : .content(content)
    }

    private mutating func fill() throws(Failure) {
        var chunk = [UInt8](repeating: 0, count: LineReader.chunkBytes)
        let count = read(descriptor, &chunk, chunk.count)
        if count < 0 && errno == EINTR { return }
        guard count >= 0 else {
            throw Failure(
                .usage, "FILE", "\(path) can't be read: \(systemMessage(errno))")
        }
        hasEnded = count == 0
        buffer.append(contentsOf: chunk[..<count])
    }
}
