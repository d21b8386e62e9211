import Bytes
import Foundation
import Glibc

/// A file of mode 0600 that is written line by line, or a device or FIFO that is there.
final class PrivateOutputFile {
    let path: String
    private let descriptor: Int32
    private var buffer = Data()
    /// Whether no line was written.
    private(set) var isEmpty = true
    private static let bufferBytes = 65_536

    /// The name that the file has until it is whole.
    private var draft: DraftName?
    private let isStream: Bool
    private let replaces: Bool

    /// A file that takes the place of one that is there, once it is whole.
    ///
    /// - Parameters:
    ///   - path: of the file.
    ///   - input: what is read meanwhile, `-` for standard input.
    /// - Throws: `Failure` when it can't be created, or would take the place of `input`.
    init(replacing path: String, besides input: String) throws(Failure) {
        self.path = path
        replaces = true
        if case .stream = try OutputPlace(path, besides: input) {
            isStream = true
            descriptor = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY)
            var status = stat()
            guard descriptor >= 0, fstat(descriptor, &status) == 0, OutputPlace.isStream(status)
            else { throw PrivateOutputFile.notMade(path) }
            return
        }
        isStream = false
        (draft, descriptor) = try PrivateOutputFile.makeDraft(of: path)
    }

    /// A new file.
    ///
    /// - Throws: `Failure` when it is there, or can't be created.
    init(path: String) throws(Failure) {
        self.path = path
        isStream = false
        replaces = false
        var status = stat()
        guard lstat(path, &status) != 0 else { throw PrivateOutputFile.notMade(path, EEXIST) }
        (draft, descriptor) = try PrivateOutputFile.makeDraft(of: path)
    }

    private static func makeDraft(of path: String) throws(Failure) -> (DraftName, Int32) {
        let draft = DraftName(of: path)
        let descriptor = open(
            draft.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            let failure = notMade(path)
            draft.end()
            throw failure
        }
        return (draft, descriptor)
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
        if draft != nil { remove() }
    }

    /// Adds a line.
    ///
    /// - Throws: `Failure` when it can't be written.
    func write(_ line: String) throws(Failure) {
        isEmpty = false
        buffer.append(contentsOf: line.utf8)
        buffer.append(UInt8(ascii: "\n"))
        if buffer.count >= PrivateOutputFile.bufferBytes { try flush() }
    }

    /// Brings everything to the disk, and gives the file its name.
    ///
    /// - Throws: `Failure` when it can't be written.
    func finish() throws(Failure) {
        try flush()
        guard fsync(descriptor) == 0 || errno == EINVAL else { throw trouble(errno) }
        guard let draft else { return }
        if replaces {
            guard rename(draft.path, path) == 0 else { throw trouble(errno) }
        } else {
            guard link(draft.path, path) == 0 else { throw PrivateOutputFile.notMade(path) }
            unlink(draft.path)
        }
        draft.end()
        self.draft = nil
        synchronizeDirectory()
    }

    /// Takes the file away again; a device or a FIFO stays.
    func remove() {
        guard !isStream else { return }
        unlink(draft?.path ?? path)
        draft?.end()
        draft = nil
    }

    /// Makes its name durable, where the file system can.
    private func synchronizeDirectory() {
        let slash = path.lastIndex(of: "/")
        let directory = slash.map { String(path[...$0]) } ?? "."
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    private static func notMade(_ path: String, _ number: Int32 = errno) -> Failure {
        Failure(
            .usage, "FILE", "\(path) can't be created: \(systemMessage(number))",
            hint: number == EEXIST ? "nothing is overwritten; name a new file" : nil)
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
