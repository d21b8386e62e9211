import Bytes
import Glibc

/// Reads a file line by line in bounded memory.
struct LineReader: ~Copyable {
    /// Far longer than any line that can be imported, or that an audit log has.
    static let lineBytesMax = 65_536
    private static let chunkBytes = 262_144

    /// A line, without its end.
    struct Line {
        /// Of a line that is too long only the beginning.
        let bytes: [UInt8]
        var isTooLong: Bool { bytes.count > LineReader.lineBytesMax }
    }

    private let descriptor: Int32
    private let path: String
    private var buffer: [UInt8] = []
    /// Where in `buffer` the next line begins.
    private var start = 0
    private var hasEnded = false
    /// Bytes returned so far, including line ends.
    private var position = 0
    /// Of the whole file; nil if unknown, such as for a pipe.
    private let size: Int?

    /// - Parameter path: `-` for standard input.
    /// - Throws: `Failure` when it can't be opened.
    init(path: String) throws(Failure) {
        self.path = path
        descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
        guard descriptor >= 0 else {
            throw Failure(
                .usage, "FILE", "\(path) can't be opened: \(systemMessage(errno))")
        }
        var status = stat()
        let isFile = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        size = isFile ? Int(status.st_size) : nil
    }

    /// How much of the file was given out; nil where nobody knows.
    var share: Double? {
        guard let size, size > 0 else { return nil }
        return Double(position) / Double(size)
    }

    deinit {
        if descriptor != STDIN_FILENO { close(descriptor) }
    }

    /// The next line; nil at the end.
    ///
    /// - Throws: `Failure` when the file can't be read.
    mutating func next() throws(Failure) -> Line? {
        // Of a line that is longer than can be kept.
        var beginning: [UInt8] = []
        var searched = 0
        while true {
            let rest = buffer[start...]
            if let end = rest.dropFirst(searched).firstIndex(of: UInt8(ascii: "\n")) {
                return take(rest[..<end], after: beginning, andSkip: 1)
            }
            if hasEnded {
                guard !rest.isEmpty || !beginning.isEmpty else { return nil }
                return take(rest, after: beginning, andSkip: 0)
            }
            searched = rest.count
            if rest.count > LineReader.lineBytesMax {
                beginning = take(rest, after: beginning, andSkip: 0).bytes
                searched = 0
            }
            try fill()
        }
    }

    private mutating func take(
        _ part: ArraySlice<UInt8>, after beginning: [UInt8], andSkip skipped: Int
    ) -> Line {
        position += part.count + skipped
        start = part.endIndex + skipped
        // One byte too many says that there were more.
        return Line(
            bytes: beginning + part.prefix(LineReader.lineBytesMax + 1 - beginning.count))
    }

    private mutating func fill() throws(Failure) {
        buffer.removeFirst(start)
        start = 0
        var chunk = [UInt8](repeating: 0, count: LineReader.chunkBytes)
        let count = read(descriptor, &chunk, chunk.count)
        if count < 0 && errno == EINTR { return }
        guard count >= 0 else {
            throw Failure(
                .usage, "FILE", "\(path) can't be read: \(systemMessage(errno))")
        }
        hasEnded = count == 0
        buffer += chunk[..<count]
    }
}
