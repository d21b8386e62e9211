import Glibc

/// A file that grows, or a FIFO or device.
final class AuditFileOutput: AuditOutput {
    private let path: String
    private let key: AuditKey
    private var descriptor: Int32 = -1
    private var isRegular = false
    /// Whether the last line is incomplete: the next one must not become part of it.
    private var isInLine = false
    private(set) var found = AuditFound()

    /// How long a FIFO may take to have room before it counts as stuck.
    private static let stallMilliseconds: Int32 = 1000

    init(path: String, key: AuditKey) {
        self.path = path
        self.key = key
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    func open() throws(AuditLogError) {
        // O_NONBLOCK: a FIFO without a reader must not block us. Regular files ignore it.
        var opened = Glibc.open(
            path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY,
            0o600)
        guard opened >= 0 else {
            throw .system(call: "open", path: path, code: errno)
        }
        var status = stat()
        fstat(opened, &status)
        guard status.st_mode & S_IFMT == S_IFREG else {
            close(opened)
            try openStream()
            return
        }
        do throws(AuditLogError) {
            if let problem = AuditFileOutput.problem(status, path) { throw problem }
            opened = try locked(opened, status)
            let found = try end(of: opened, Int(status.st_size))
            replace(opened, isRegular: true)
            self.found = found
            isInLine = found.isTorn
        } catch {
            close(opened)
            throw error
        }
    }

    func write(_ lines: [[UInt8]]) -> (count: Int, failure: AuditLogError?) {
        if descriptor < 0 {
            do throws(AuditLogError) { try open() } catch { return (0, error) }
        }
        return isRegular ? writeFile(lines) : writeStream(lines)
    }

    /// A FIFO also opened for reading would never show that nobody reads it.
    private func openStream() throws(AuditLogError) {
        let opened = Glibc.open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)
        guard opened >= 0 else {
            throw .system(call: "open", path: path, code: errno)
        }
        replace(opened, isRegular: false)
    }

    private func replace(_ opened: Int32, isRegular: Bool) {
        if descriptor >= 0 { close(descriptor) }
        descriptor = opened
        self.isRegular = isRegular
        found = AuditFound()
        isInLine = false
    }

    /// Why a regular file can't be written to, by its owner and mode.
    static func problem(_ status: stat, _ path: String) -> AuditLogError? {
        guard status.st_uid == geteuid() || status.st_uid == 0 else {
            return .unusable(
                path: path,
                problem: "belongs to uid \(status.st_uid); chown it to the daemon's user")
        }
        guard status.st_mode & 0o077 == 0 else {
            return .unusable(path: path, problem: "is accessible to other users; chmod 600 it")
        }
        return nil
    }

    /// The file with a lock that keeps other processes out. A lock belongs to an open file, so if
    /// our own older one has it, that one stays in use: closing it would release the lock.
    private func locked(_ opened: Int32, _ status: stat) throws(AuditLogError) -> Int32 {
        if flock(opened, LOCK_EX | LOCK_NB) == 0 { return opened }
        guard isSameFile(status) else {
            throw .unusable(path: path, problem: "another process writes to it; give each its own")
        }
        let kept = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard kept >= 0 else { throw .system(call: "fcntl", path: path, code: errno) }
        close(opened)
        return kept
    }

    private func isSameFile(_ status: stat) -> Bool {
        var present = stat()
        return descriptor >= 0 && fstat(descriptor, &present) == 0
            && present.st_dev == status.st_dev && present.st_ino == status.st_ino
    }

    /// All lines with one write, or none: a part that a full disk accepted is cut off again.
    private func writeFile(_ lines: [[UInt8]]) -> (count: Int, failure: AuditLogError?) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            return (0, .system(call: "fstat", path: path, code: errno))
        }
        let sizeBefore = status.st_size
        var text: [UInt8] = []
        text.reserveCapacity(lines.reduce(1) { $0 + $1.count })
        if isInLine { text.append(UInt8(ascii: "\n")) }
        for line in lines { text.append(contentsOf: line) }
        if let code = AuditFileOutput.writeAll(text, to: descriptor).failure {
            if fstat(descriptor, &status) == 0, status.st_size > sizeBefore {
                ftruncate(descriptor, sizeBefore)
            }
            return (0, .system(call: "write", path: path, code: code))
        }
        isInLine = false
        found.isTorn = false
        guard fdatasync(descriptor) == 0 else {
            // Readers can see them; whether they survive a power failure is unknown.
            return (lines.count, .system(call: "fdatasync", path: path, code: errno))
        }
        return (lines.count, nil)
    }

    /// One write per line, which a pipe accepts as a whole (PIPE_BUF).
    private func writeStream(_ lines: [[UInt8]]) -> (count: Int, failure: AuditLogError?) {
        for (index, line) in lines.enumerated() {
            guard let code = AuditFileOutput.writeAll(line, to: descriptor).failure else {
                continue
            }
            if code == EPIPE {
                // The reader is gone: the next attempt waits for another.
                close(descriptor)
                descriptor = -1
            }
            return (index, .system(call: "write", path: path, code: code))
        }
        return (lines.count, nil)
    }

    /// How many bytes were written; fewer than all with the `errno`.
    static func writeAll(
        _ bytes: [UInt8], to descriptor: Int32
    ) -> (written: Int, failure: Int32?) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(
                    descriptor, $0.baseAddress?.advanced(by: written), bytes.count - written)
            }
            if count >= 0 {
                written += count
            } else if errno == EAGAIN {
                var room = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                guard poll(&room, 1, stallMilliseconds) > 0 else { return (written, EAGAIN) }
            } else if errno != EINTR {
                return (written, errno)
            }
        }
        return (written, nil)
    }

    /// Reads the file's last line.
    private func end(of opened: Int32, _ size: Int) throws(AuditLogError) -> AuditFound {
        let count = min(size, 2 * AuditLine.bytesMax)
        var tail = [UInt8](repeating: 0, count: count)
        let got = pread(opened, &tail, count, off_t(size - count))
        guard got == count else { throw .system(call: "read", path: path, code: errno) }
        var found = AuditFound()
        guard let lineEnd = tail.lastIndex(of: UInt8(ascii: "\n")) else {
            found.isTorn = count > 0
            return found
        }
        found.isTorn = lineEnd < tail.count - 1
        let start = tail[..<lineEnd].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        guard let line = AuditLine(tail[start..<lineEnd], [key]) else { return found }
        if line.isAuthentic {
            found.end = AuditChain(log: line.log, sequence: line.sequence, code: line.code)
        } else {
            found.isUnderAnotherKey = true
        }
        return found
    }
}
