import AuthServer
import Bytes
import Glibc
import TestSupport
import Testing

/// The generated server secret.
struct ServerSecretsTests {
    private func mode(_ path: String) throws -> mode_t {
        var status = stat()
        try #require(stat(path, &status) == 0)
        return status.st_mode & 0o7777
    }

    @Test func `The first start makes a secret and the next reads it`() throws {
        let directory = try TemporaryDirectory()
        let state = directory.path + "/deep"
        let first = try ServerSecrets.load(stateDirectory: state)
        let path = state + "/jwt_secret"
        defer { unlink(path) }
        #expect(first.origin == .generated(path: path))
        #expect(first.jwtSecret.count == 43)
        #expect(try mode(path) == 0o600 && mode(state) == 0o700)
        let second = try ServerSecrets.load(stateDirectory: state)
        #expect(second.origin == .file(path: path))
        #expect(second.jwtSecret == first.jwtSecret)
        let other = try TemporaryDirectory()
        #expect(try ServerSecrets.load(stateDirectory: other.path).jwtSecret != first.jwtSecret)
        #expect(try other.names() == ["jwt_secret"])
    }

    @Test func `A configured secret needs no state directory`() throws {
        let secret = String(repeating: "s", count: 32)
        let configuration = try load([
            "JWT_SECRET": secret, "AUTHD_STATE_DIR": "/nonexistent/x",
        ])
        let secrets = try ServerSecrets.load(configuration)
        #expect(secrets.origin == .setting(.environment))
        #expect(secrets.jwtSecret == SecretBytes(utf8: secret))
    }

    @Test(arguments: [
        "", "\n", "short\n", String(repeating: "A", count: 43), String(repeating: "A", count: 42),
        String(repeating: "A", count: 44) + "\n", String(repeating: "!", count: 43) + "\n",
        String(repeating: "A", count: 42) + "B\n",
    ])
    func `A damaged secret is refused and left as it is`(content: String) throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write("jwt_secret", content)
        let error = try #require(throws: ConfigurationError.self) {
            try ServerSecrets.load(stateDirectory: directory.path)
        }
        #expect(error.description.contains("damaged") && error.description.contains(file))
        #expect(try SecretFile.read(file) == SecretBytes(utf8: content))
        #expect(try directory.names() == ["jwt_secret"])
    }

    @Test func `A secret that others can read is refused`() throws {
        let directory = try TemporaryDirectory()
        _ = try ServerSecrets.load(stateDirectory: directory.path)
        try #require(chmod(directory.path + "/jwt_secret", 0o640) == 0)
        let error = try #require(throws: ConfigurationError.self) {
            try ServerSecrets.load(stateDirectory: directory.path)
        }
        #expect(error.description.contains("chmod 600"))
    }

    @Test func `A link in place of the secret is not followed`() throws {
        let directory = try TemporaryDirectory()
        let real = try directory.write("real", String(repeating: "A", count: 43) + "\n")
        try #require(symlink(real, directory.path + "/jwt_secret") == 0)
        #expect(throws: ConfigurationError.self) {
            try ServerSecrets.load(stateDirectory: directory.path)
        }
    }

    @Test func `A state directory that others can write to, or that is a file, is refused`() throws
    {
        let directory = try TemporaryDirectory()
        for mode: mode_t in [0o770, 0o707] {
            try #require(chmod(directory.path, mode) == 0)
            let error = try #require(throws: ConfigurationError.self) {
                try ServerSecrets.load(stateDirectory: directory.path)
            }
            #expect(error.description.contains("chmod 700"))
        }
        let file = try directory.write("file", "")
        #expect(throws: ConfigurationError.self) { try StateDirectory.prepare(file) }
        #expect(throws: ConfigurationError.self) { try StateDirectory.prepare(file + "/below") }
    }

    @Test func `Threads that start at once agree on one secret`() async throws {
        for _ in 0..<20 {
            let directory = try TemporaryDirectory()
            let path = directory.path
            let found = try await withThrowingTaskGroup(of: ServerSecrets.self) { group in
                for _ in 0..<8 {
                    group.addTask { try ServerSecrets.load(stateDirectory: path) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(found.allSatisfy { $0.jwtSecret == found[0].jwtSecret })
            #expect(found.filter { $0.origin == .generated(path: path + "/jwt_secret") }.count == 1)
            #expect(try directory.names() == ["jwt_secret"])
        }
    }

    @Test func `Processes that start at once agree on one secret`() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path
        try await withThrowingTaskGroup(of: Void.self) { group in
            for child in 0..<4 {
                group.addTask {
                    await #expect(processExitsWith: .success) {
                        [path = path as String, child = child as Int] in
                        let secret = try ServerSecrets.load(stateDirectory: path).jwtSecret
                        let copy = open(path + "/seen\(child)", O_WRONLY | O_CREAT | O_EXCL, 0o600)
                        secret.withUnsafeBytes { _ = write(copy, $0.baseAddress, $0.count) }
                    }
                }
            }
            try await group.waitForAll()
        }
        let secret = try ServerSecrets.load(stateDirectory: path).jwtSecret
        for child in 0..<4 {
            #expect(try SecretFile.read(path + "/seen\(child)") == secret)
        }
        #expect(try directory.names().count == 5)
    }
}
