package import Bytes
import Glibc

/// The server secret, from which tokens are signed and other keys are derived.
package struct ServerSecrets: Sendable {
    /// Where the secret came from; suitable for the log.
    package enum Origin: Sendable, Equatable {
        /// JWT_SECRET in the environment or the `.env` file.
        case setting(SettingSource)
        /// Created just now, in the file at this path.
        case generated(path: String)
        /// Read from the file at this path, created at an earlier start.
        case file(path: String)
    }

    /// At least 32 bytes. A generated one is the file's text without the line feed, so that the
    /// text can be moved to JWT_SECRET and stays the same secret.
    package let jwtSecret: SecretBytes
    /// Where it came from.
    package let origin: Origin

    /// The file in the state directory: 32 random bytes in base64url and a line feed.
    package static let fileName = "jwt_secret"
    private static let randomBytes = 32
    private static let textBytes = 43

    /// The configured secret, else the one in the state directory, which is created if there is
    /// none. Daemons that start concurrently on one directory agree: each writes its own file and
    /// links it to the name, which only one can do.
    ///
    /// - Throws: `unusableFile`; a damaged file is refused, never replaced, since every session
    ///   and every sealed TOTP secret depends on it.
    package static func load(
        _ configuration: ServerConfiguration
    ) throws(ConfigurationError) -> ServerSecrets {
        if let secret = configuration.tokens.secret {
            return ServerSecrets(
                jwtSecret: secret, origin: .setting(configuration.tokens.secretSource))
        }
        return try load(stateDirectory: configuration.store.stateDirectory)
    }

    /// As `load`, without a configured secret.
    ///
    /// - Throws: `unusableFile`.
    package static func load(
        stateDirectory: String
    ) throws(ConfigurationError) -> ServerSecrets {
        let path = stateDirectory + "/" + fileName
        let directory = try StateDirectory.open(stateDirectory)
        defer { close(directory) }
        if let secret = try read(path, in: directory) {
            return ServerSecrets(jwtSecret: secret, origin: .file(path: path))
        }
        let made = try make(path, in: directory)
        guard let secret = try read(path, in: directory) else {
            throw .unusableFile(path: path, problem: "was removed while the daemon was starting")
        }
        return ServerSecrets(
            jwtSecret: secret, origin: made ? .generated(path: path) : .file(path: path))
    }

    /// The secret in the file, or nil when there is no file.
    private static func read(
        _ path: String, in directory: CInt
    ) throws(ConfigurationError) -> SecretBytes? {
        let descriptor = openat(
            directory, fileName, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW)
        guard descriptor >= 0 else {
            guard errno == ENOENT else {
                throw .unusableFile(path: path, problem: "can't be opened: \(systemMessage(errno))")
            }
            return nil
        }
        defer { close(descriptor) }
        let file = try PrivateFile(path: path, descriptor: descriptor)
        try file.requireOwnerOnly()
        let isWhole = file.bytes.withUnsafeBytes { bytes in
            guard bytes.count == textBytes + 1, bytes[textBytes] == UInt8(ascii: "\n") else {
                return false
            }
            let text = UnsafeRawBufferPointer(rebasing: bytes[..<textBytes])
            guard var decoded = Base64.url.decode(text) else { return false }
            wipe(&decoded)
            return true
        }
        guard isWhole else {
            throw .unusableFile(
                path: path,
                problem: "is damaged: it is not 43 base64url characters and a line feed;"
                    + " restore it from a backup, or remove it to start with a new secret, which"
                    + " ends all sessions and makes sealed TOTP secrets unreadable")
        }
        return file.bytes.slice(from: 0, count: textBytes)
    }

    /// Creates the file unless another process was first; returns whether it was us.
    private static func make(
        _ path: String, in directory: CInt
    ) throws(ConfigurationError) -> Bool {
        let draft = "." + fileName + "." + String(UInt64.random(in: .min ... .max), radix: 36)
        let descriptor = openat(
            directory, draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw .unusableFile(path: path, problem: "can't be created: \(systemMessage(errno))")
        }
        defer {
            close(descriptor)
            unlinkat(directory, draft, 0)
        }
        // The umask may have removed bits; it never adds any.
        guard fchmod(descriptor, 0o600) == 0, writeAll(try text(path), to: descriptor),
            fsync(descriptor) == 0
        else {
            throw .unusableFile(path: path, problem: "can't be written: \(systemMessage(errno))")
        }
        if linkat(directory, draft, directory, fileName, 0) != 0 {
            guard errno == EEXIST else {
                throw .unusableFile(
                    path: path, problem: "can't be created: \(systemMessage(errno))")
            }
            return false
        }
        guard fsync(directory) == 0 else {
            throw .unusableFile(path: path, problem: "can't be synced: \(systemMessage(errno))")
        }
        return true
    }

    /// The file's content with a fresh secret.
    private static func text(_ path: String) throws(ConfigurationError) -> SecretBytes {
        let random = try SecretBytes(count: randomBytes) { bytes throws(ConfigurationError) in
            guard let start = bytes.baseAddress, getentropy(start, bytes.count) == 0 else {
                throw .unusableFile(path: path, problem: "no random bytes: \(systemMessage(errno))")
            }
        }
        return SecretBytes(count: textBytes + 1) { text in
            random.withUnsafeBytes { _ = Base64.url.encode($0, into: text) }
            text[textBytes] = UInt8(ascii: "\n")
        }
    }

    private static func writeAll(_ content: SecretBytes, to descriptor: CInt) -> Bool {
        content.withUnsafeBytes { bytes in
            var written = 0
            while written < bytes.count {
                let count = Glibc.write(
                    descriptor, bytes.baseAddress?.advanced(by: written), bytes.count - written)
                if count < 0 && errno != EINTR { return false }
                written += max(0, count)
            }
            return true
        }
    }
}
