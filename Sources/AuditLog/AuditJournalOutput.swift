import Glibc

/// The journal, by its native protocol: one datagram of `NAME=value` lines per entry
/// (systemd's documentation, "Native Journal Protocol").
final class AuditJournalOutput: AuditOutput {
    let found = AuditFound()
    private let path: String
    private var descriptor: Int32 = -1

    /// How long the journal may take to have room before it counts as stuck.
    private static let stallMilliseconds: Int32 = 1000
    private static let header = Array(
        "PRIORITY=6\nSYSLOG_IDENTIFIER=authd\nSYSLOG_FACILITY=10\nAUTHD_AUDIT=1\nMESSAGE=".utf8)

    init(path: String) {
        self.path = path
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    func open() throws(AuditLogError) {
        let type =
            Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
            | Int32(SOCK_NONBLOCK.rawValue)
        let opened = socket(AF_UNIX, type, 0)
        guard opened >= 0 else { throw .system(call: "socket", path: path, code: errno) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            close(opened)
            throw .unusable(path: path, problem: "is too long for a socket")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(opened, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else {
            let code = errno
            close(opened)
            throw .system(call: "connect", path: path, code: code)
        }
        if descriptor >= 0 { close(descriptor) }
        descriptor = opened
    }

    func write(_ lines: [[UInt8]]) -> (count: Int, failure: AuditLogError?) {
        for (index, line) in lines.enumerated() {
            do throws(AuditLogError) {
                if descriptor < 0 { try open() }
                try sendEntry(line)
            } catch {
                return (index, error)
            }
        }
        return (lines.count, nil)
    }

    /// `line` ends with a line feed, as a field does, and has no other.
    private func sendEntry(_ line: [UInt8]) throws(AuditLogError) {
        let entry = AuditJournalOutput.header + line
        while send(descriptor, entry, entry.count, Int32(MSG_NOSIGNAL)) < 0 {
            let code = errno
            if code == EINTR { continue }
            var room = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            if code == EAGAIN, poll(&room, 1, AuditJournalOutput.stallMilliseconds) > 0 { continue }
            if code != EAGAIN {
                // The journal was restarted: the next attempt connects to the new one.
                close(descriptor)
                descriptor = -1
            }
            throw .system(call: "send", path: path, code: code)
        }
    }
}
