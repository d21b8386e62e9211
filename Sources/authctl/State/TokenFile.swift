import AuthClient
import Bytes
import Foundation
import Glibc

/// The file of one profile: written completely or not at all, readable only by its owner.
struct TokenFile {
    /// Far more than two tokens have.
    private static let bytesMax = 64 * 1024

    private let directory: String
    private let path: String
    private let profile: String

    /// - Throws: `Failure` for a bad profile name, or when there is no directory for it.
    init(profile: String, environment: [String: String]) throws(Failure) {
        let allowed = CharacterSet(
            charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
        guard (1...64).contains(profile.utf8.count),
            profile.unicodeScalars.allSatisfy(allowed.contains)
        else {
            throw Failure(
                .usage, "PROFILE_INVALID", "a profile name is 1 to 64 letters, digits, '_' or '-'")
        }
        guard let base = StateDirectory.base(environment) else {
            throw Failure(
                .localState, "NO_STATE_DIRECTORY", "there is nowhere to save tokens",
                hint: "set HOME or XDG_STATE_HOME")
        }
        self.profile = profile
        directory = base + "/authctl"
        path = "\(directory)/\(profile).json"
    }

    /// The saved tokens, or nil when nobody is logged in.
    ///
    /// - Throws: `Failure` when the file is readable by others, or damaged.
    func read() throws(Failure) -> StoredTokens? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw trouble("can't be opened")
        }
        defer { close(descriptor) }
        let file: SmallFile
        do throws(SmallFile.Problem) {
            file = try SmallFile(descriptor: descriptor, bytesMax: TokenFile.bytesMax)
        } catch {
            throw Failure(.localState, "TOKEN_FILE", "\(path) \(error.phrase)")
        }
        guard file.owner == geteuid(), !file.isOpenToOthers else {
            throw Failure(
                .localState, "TOKEN_FILE",
                "\(path) can be read by other users; they may know its tokens",
                hint: "remove it, then log in again")
        }
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .secondsSince1970
        let data = file.bytes.withUnsafeBytes { Data($0) }
        guard let tokens = try? decoder.decode(StoredTokens.self, from: data) else {
            throw Failure(
                .localState, "TOKEN_FILE", "\(path) is damaged",
                hint: "remove it, then log in again")
        }
        return tokens
    }

    /// Saves `tokens`: a new file replaces the old one once it is safely on disk.
    ///
    /// - Throws: `Failure`.
    func write(_ tokens: StoredTokens) throws(Failure) {
        try prepareDirectory()
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .secondsSince1970
        guard let data = try? encoder.encode(tokens) else { throw trouble("can't be written") }
        let draft = NewSecretFile(path: "\(directory)/.\(profile).\(getpid())")
        unlink(draft.path)
        if let cause = draft.write(data.withUnsafeBytes { Secret(copying: $0) }) {
            throw trouble("can't be written", cause)
        }
        guard rename(draft.path, path) == 0 else {
            let cause = errno
            unlink(draft.path)
            throw trouble("can't be written", cause)
        }
    }

    /// Removes the tokens.
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
                    "\(made) can't be created: \(systemMessage(errno))")
            }
        }
        var status = stat()
        guard stat(directory, &status) == 0, status.st_uid == geteuid(),
            status.st_mode & 0o022 == 0
        else {
            throw Failure(
                .localState, "STATE_DIRECTORY",
                "\(directory) belongs to or is writable by other users",
                hint: "chown it to yourself and chmod 700 it")
        }
    }

    private func trouble(_ problem: String, _ number: Int32 = errno) -> Failure {
        Failure(
            .localState, "TOKEN_FILE", "\(path) \(problem): \(systemMessage(number))")
    }
}
