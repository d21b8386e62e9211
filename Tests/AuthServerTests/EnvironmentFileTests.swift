import AuthServer
import Bytes
import Glibc
import TestSupport
import Testing

/// Reading of `.env` files and the checks on files with secrets.
struct EnvironmentFileTests {
    private func issuer(_ line: String) throws -> String {
        let directory = try TemporaryDirectory()
        let file = try directory.write(".env", "# a comment\n\n\(line)")
        return try load(file: file).tokens.issuer
    }

    @Test(arguments: [
        ("AUTHD_JWT_ISSUER=a b", "a b"), ("  export AUTHD_JWT_ISSUER = x \r\n", "x"),
        ("AUTHD_JWT_ISSUER=a#b # note", "a#b"), ("AUTHD_JWT_ISSUER='a # ${b} \\n'", "a # ${b} \\n"),
        (#"AUTHD_JWT_ISSUER="a \"b\" \\ \$ # c" # note"#, #"a "b" \ $ # c"#),
        ("AUTHD_JWT_ISSUER=a=b", "a=b"), ("AUTHD_JWT_ISSUER=# nothing", "authd"),
        ("OTHER=1\r\nAUTHD_JWT_ISSUER=ü\r\n", "ü"),
    ])
    func `Plain and quoted values are read`(line: String, value: String) throws {
        #expect(try issuer(line) == value)
    }

    @Test(arguments: [
        "JWT_SECRET", "=x", "A B=x", "1A=x", "A=\"secretvalue", "A='secretvalue",
        "A='secretvalue' b", "A=${secretvalue}", "A=\"${secretvalue}\"", #"A="\q""#, "A=1\nA=2",
        "\u{feff}A=1",
    ])
    func `A malformed line is refused by number without its content`(content: String) throws {
        let directory = try TemporaryDirectory()
        let line = try refusal(file: try directory.write(".env", "\n" + content))
        #expect(line.contains(content.contains("\n") ? "line 3" : "line 2"), "\(line)")
        #expect(!line.contains("secretvalue"))
    }

    @Test func `A file with a secret that others can access is refused, and chmod is suggested`()
        throws
    {
        let directory = try TemporaryDirectory()
        let content = "JWT_SECRET=\(String(repeating: "s", count: 32))\n"
        for mode: mode_t in [0o640, 0o604, 0o620, 0o602, 0o610] {
            let file = try directory.write("env", content, mode: mode)
            let line = try refusal(file: file)
            #expect(line.contains("chmod 600") && line.contains(file))
        }
        let file = try directory.write("env", content)
        #expect(try load(file: file).tokens.secret?.count == 32)
    }

    @Test func `A file without secrets may be read, but not changed, by others`() throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write("env", "JWT_EXP_MINUTES=3\n", mode: 0o644)
        #expect(try load(file: file).tokens.accessMinutes == 3)
        try directory.write("env", "JWT_EXP_MINUTES=3\n", mode: 0o646)
        #expect(try refusal(file: file).contains("chmod"))
    }

    @Test func `A directory, a FIFO and a file larger than 64 KiB are refused`() throws {
        let directory = try TemporaryDirectory()
        #expect(try refusal(file: directory.path).contains("not a regular file"))
        let pipe = directory.path + "/pipe"
        try #require(mkfifo(pipe, 0o600) == 0)
        #expect(try refusal(file: pipe).contains("not a regular file"))
        let most = "#" + String(repeating: "x", count: 64 * 1024 - 1)
        #expect(try load(file: try directory.write("env", most)).environmentFile != nil)
        let large = try directory.write("env", most + "x")
        #expect(try refusal(file: large).contains("64 KiB"))
    }

    @Test func `A key file is refused when others can read its private key`() throws {
        let directory = try TemporaryDirectory()
        let content = "-----BEGIN PRIVATE KEY-----\n"
        let key = try directory.write("key", content, mode: 0o640)
        #expect(throws: ConfigurationError.self) { try SecretFile.readPEM(key) }
        try directory.write("key", content)
        #expect(try SecretFile.readPEM(key).count == content.utf8.count)
        let pub = try directory.write("pub", "-----BEGIN PUBLIC KEY-----\n", mode: 0o644)
        #expect(try SecretFile.readPEM(pub).count == 27)
        #expect(throws: ConfigurationError.self) { try SecretFile.read(pub) }
    }

    @Test(.enabled(if: geteuid() == 0, "only root can give files away"))
    func `A file of another user is refused`() throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write("env", "")
        try #require(chown(file, 65534, 65534) == 0)
        #expect(try refusal(file: file).contains("chown"))
    }
}
