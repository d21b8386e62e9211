import Glibc

/// The file that stores an `AuditEnd`, held by one process at a time. Used only from the
/// writer's queue.
final class AuditEndFile {
    private let path: String
    private let key: AuditKey
    private let descriptor: Int32

    /// Opens or creates the file at `path`, of mode 0600.
    ///
    /// - Throws: when that is not possible, or another process holds it.
    init(path: String, key: AuditKey) throws(AuditLogError) {
        self.path = path
        self.key = key
        descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
        guard descriptor >= 0 else { throw .system(call: "open", path: path, code: errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw .unusable(path: path, problem: "another daemon uses it")
        }
    }

    deinit {
        close(descriptor)
    }

    /// What was stored last; nil when there is nothing, or nothing under this key.
    var end: AuditEnd? {
        AuditEnd(fileText: text, key: key)
    }

    /// Whether what is stored does not match this key.
    var isUnderAnotherKey: Bool { !text.isEmpty && end == nil }

    private var text: ArraySlice<UInt8> {
        var text = [UInt8](repeating: 0, count: 256)
        let count = pread(descriptor, &text, text.count, 0)
        return text.prefix(max(0, count))
    }

    func store(_ chain: AuditChain) throws(AuditLogError) {
        let text = AuditEnd.fileText(chain, key)
        guard pwrite(descriptor, text, text.count, 0) == text.count else {
            throw .system(call: "write", path: path, code: errno)
        }
    }
}
