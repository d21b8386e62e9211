import Bytes
import Glibc

/// A file that may hold secrets, and who may read and change it.
struct PrivateFile {
    /// Far more than a PEM file or a `.env` file has.
    static let bytesMax = 64 * 1024

    let path: String
    private let file: SmallFile

    var bytes: SecretBytes { file.bytes }

    /// Reads all of `path`: a regular file of at most 64 KiB.
    ///
    /// - Parameters:
    ///   - path: of the file.
    ///   - descriptor: of the file, when it is open already; it stays so.
    /// - Throws: `unusableFile`.
    init(path: String, descriptor: CInt? = nil) throws(ConfigurationError) {
        self.path = path
        do throws(SmallFile.Problem) {
            file =
                if let descriptor {
                    try SmallFile(descriptor: descriptor, bytesMax: PrivateFile.bytesMax)
                } else {
                    try SmallFile(path: path, bytesMax: PrivateFile.bytesMax)
                }
        } catch {
            throw .unusableFile(path: path, problem: error.phrase)
        }
    }

    /// Whether there is anything at `path`, readable or not.
    static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    /// Whether only its owner, whoever that is, and root can read or change it.
    var isClosedToOthers: Bool { !file.isOpenToOthers }

    /// Refuses a file that users other than the daemon's and root can read or change.
    ///
    /// - Throws: `unusableFile`, saying what to do.
    func requireOwnerOnly() throws(ConfigurationError) {
        try requireTrustedOwner()
        guard !file.isOpenToOthers else {
            throw .unusableFile(
                path: path,
                problem: "holds a secret, but others have access"
                    + " (mode \(OctalMode.text(file.mode))); chmod 600 it")
        }
    }

    /// Refuses a file that everybody can change, or that belongs to somebody else.
    ///
    /// - Throws: `unusableFile`, saying what to do.
    func requireUnchangedByOthers() throws(ConfigurationError) {
        try requireTrustedOwner()
        guard file.mode & 0o002 == 0 else {
            throw .unusableFile(
                path: path,
                problem: "is writable by everybody (mode \(OctalMode.text(file.mode)));"
                    + " chmod 600 it")
        }
    }

    /// Refuses a file that anybody but its owner can change, or that belongs to somebody else.
    ///
    /// - Throws: `unusableFile`, saying what to do.
    func requireChangedByOwnerOnly() throws(ConfigurationError) {
        try requireTrustedOwner()
        guard file.mode & 0o022 == 0 else {
            throw .unusableFile(
                path: path,
                problem: "is writable by other users (mode \(OctalMode.text(file.mode)));"
                    + " chmod 644 it")
        }
    }

    private func requireTrustedOwner() throws(ConfigurationError) {
        guard file.owner == geteuid() || file.owner == 0 else {
            throw .unusableFile(
                path: path,
                problem: "belongs to uid \(file.owner), not to root or the daemon's uid"
                    + " \(geteuid()); chown it")
        }
    }
}
