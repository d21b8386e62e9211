import Bytes
import Glibc

/// Small files with secrets, which others must not be able to read.
enum PrivateFile {
    /// More than any key has.
    private static let bytesMax = 64 * 1024

    /// The whole content of `path`.
    ///
    /// - Throws: `Failure` when it can't be read, or is accessible to anyone but its owner, who
    ///   must be this user or root.
    static func read(_ path: String) throws(Failure) -> SecretBytes {
        let file: SmallFile
        do throws(SmallFile.Problem) {
            file = try SmallFile(path: path, bytesMax: bytesMax)
        } catch {
            throw Failure(.localState, "KEY_FILE", "\(path) \(error.phrase)")
        }
        guard [geteuid(), 0].contains(file.owner) || geteuid() == 0, !file.isOpenToOthers else {
            throw Failure(
                .localState, "KEY_FILE", "\(path) is accessible to other users",
                hint: "chmod 600 it")
        }
        return file.bytes
    }
}
