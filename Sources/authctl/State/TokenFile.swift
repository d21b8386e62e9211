import Bytes
import Foundation
import Glibc

/// The file of one profile: written whole or not at all, readable by its owner only.
struct TokenFile {
    private let directory: String
    private let path: String
    private let profile: String

    /// - Throws: `Failure` for a bad profile name, or when no directory can be named.
    init(profile: String, environment: [String: String]) throws(Failure) {
        let allowed = CharacterSet(
            charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
        guard (1...64).contains(profile.utf8.count),
            profile.unicodeScalars.allSatisfy(allowed.contains)
        else {
            throw Failure(
                .usage, "PROFILE_INVALID", "a profile is 1 to 64 letters, digits, '_' or '-'")
        }
        guard let base = StateDirectory.base(environment) else {
            throw Failure(
                .localState, "NO_STATE_DIRECTORY", "no place to keep tokens",
                hint: "set HOME or XDG_STATE_HOME")
        }
        self.profile = profile
        directory = base + "/authctl"
        path = "\(directory)/\(profile).json"
    }

    /// What is kept, or nil when nobody is logged in.
    ///
    /// - Throws: `Failure` when the file is readable by others, or damaged.
    func read() throws(Failure) -> StoredTokens? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw trouble("can't be opened")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw Failure(.localState, "TOKEN_FILE", "\(path) is not a regular file")
        }
        guard status.st_uid == geteuid(), status.st_mode & 0o077 == 0 else {
            throw Failure(
                .localState, "TOKEN_FILE",
                "\(path) can be read by others; its tokens may be known to them",
                hint: "remove it, then log in again")
        }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .secondsSince1970
        guard let data = try? handle.read(upToCount: 65_536),
            let tokens = try? decoder.decode(StoredTokens.self, from: data)
        else {
            throw Failure(
                .localState, "TOKEN_FILE", "\(path) is damaged",
                hint: "remove it, then log in again")
        }
        return tokens
    }

    /// Keeps `tokens`: a new file takes the old one's place when it is safely on disk.
    ///
    /// - Throws: `Failure`.
    func write(_ tokens: StoredTokens) throws(Failure) {
        try prepareDirectory()
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .secondsSince1970
        guard let data = try? encoder.encode(tokens) else { throw trouble("can't be written") }
        let draft = "\(directory)/.\(profile).\(getpid())"
        unlink(draft)
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw trouble("can't be written") }
        let written = data.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        let synced = fsync(descriptor)
        close(descriptor)
        guard written == data.count, synced == 0, rename(draft, path) == 0 else {
            unlink(draft)
            throw trouble("can't be written")
        }
    }

    /// Forgets the tokens.
    func remove() {
        unlink(path)
    }

    /// Runs `body` while no other authctl of this user works on the same profile, so that two of
    /// them don't renew one token.
    func locked<Value>(
        _ body: () async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        try prepareDirectory()
        let descriptor = open(
            "\(directory)/.\(profile).lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0, flock(descriptor, LOCK_EX) == 0 else {
            throw trouble("can't be locked")
        }
        defer { close(descriptor) }
        return try await body()
    }

    private func prepareDirectory() throws(Failure) {
        var made = ""
        for part in directory.split(separator: "/") {
            made += "/" + part
            if mkdir(made, 0o700) != 0 && errno != EEXIST {
                throw Failure(
                    .localState, "STATE_DIRECTORY",
                    "\(made) can't be made: \(systemMessage(errno))")
            }
        }
        var status = stat()
        guard stat(directory, &status) == 0, status.st_uid == geteuid(),
            status.st_mode & 0o022 == 0
        else {
            throw Failure(
                .localState, "STATE_DIRECTORY",
                "\(directory) belongs to, or can be written by, others",
                hint: "chown it to yourself and chmod 700 it")
        }
    }

    private func trouble(_ problem: String) -> Failure {
        Failure(
            .localState, "TOKEN_FILE", "\(path) \(problem): \(systemMessage(errno))")
    }
}
