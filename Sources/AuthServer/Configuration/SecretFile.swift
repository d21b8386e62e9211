package import Bytes

/// Reads files with secrets, and refuses those that others can read.
package enum SecretFile {
    /// The content of `path`: a regular file of at most 64 KiB that belongs to the daemon's user or
    /// root and that nobody else can read or change.
    ///
    /// - Throws: `unusableFile`, with what to do about it.
    package static func read(_ path: String) throws(ConfigurationError) -> SecretBytes {
        let file = try PrivateFile(path: path)
        try file.requireOwnerOnly()
        return file.bytes
    }

    /// The content of the PEM file `path` (RFC 7468). One that contains a private key is treated as
    /// by `read`; one without may be readable by everybody, but not writable.
    ///
    /// - Throws: `unusableFile`, with what to do about it.
    package static func readPEM(_ path: String) throws(ConfigurationError) -> SecretBytes {
        let file = try PrivateFile(path: path)
        if contains(file.bytes, "PRIVATE KEY") {
            try file.requireOwnerOnly()
        } else {
            try file.requireUnchangedByOthers()
        }
        return file.bytes
    }

    private static func contains(_ bytes: SecretBytes, _ words: StaticString) -> Bool {
        let count = words.utf8CodeUnitCount
        return bytes.withUnsafeBytes { bytes in
            guard bytes.count >= count else { return false }
            return (0...bytes.count - count).contains { offset in
                (0..<count).allSatisfy { bytes[offset + $0] == words.utf8Start[$0] }
            }
        }
    }
}
