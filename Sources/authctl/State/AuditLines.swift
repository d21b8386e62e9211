import Bytes
import Glibc

/// Reads a file line by line, in bounded memory.
enum AuditLines {
    private static let chunkBytes = 64 * 1024
    /// A longer line is handed on in parts, none of which is a line of a log.
    private static let lineBytesMax = 16 * 1024

    /// Calls `body` with each line, without its line feed.
    ///
    /// - Throws: `Failure` when the file can't be read.
    static func forEach(
        of path: String, _ body: (ArraySlice<UInt8>) -> Void
    ) throws(Failure) {
        let descriptor =
            path == "-" ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
        guard descriptor >= 0 else { throw trouble(path, "can't be opened") }
        defer { close(descriptor) }
        var rest: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: chunkBytes)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw trouble(path, "can't be read") }
            guard count > 0 else { break }
            rest += chunk[..<count]
            var start = 0
            while let end = rest[start...].firstIndex(of: UInt8(ascii: "\n")) {
                body(rest[start..<end])
                start = end + 1
            }
            if rest.count - start > lineBytesMax {
                body(rest[start...])
                start = rest.count
            }
            rest.removeFirst(start)
        }
        if !rest.isEmpty { body(rest[...]) }
    }

    private static func trouble(_ path: String, _ problem: String) -> Failure {
        Failure(.usage, "AUDIT_FILE", "\(path) \(problem): \(systemMessage(errno))")
    }
}
