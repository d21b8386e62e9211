import AuthServer
import Bytes
import TestSupport
import Testing

/// Which source wins, and what counts as a value at all.
struct PrecedenceTests {
    @Test func `The command line wins over the environment over the file over the default`() throws
    {
        let directory = try TemporaryDirectory()
        let file = try directory.write(".env", "JWT_EXP_MINUTES=20\n")
        let environment = ["JWT_EXP_MINUTES": "30"]
        let options = ["JWT_EXP_MINUTES": "40"]
        #expect(try load().tokens.accessMinutes == 15)
        #expect(try load(file: file).tokens.accessMinutes == 20)
        #expect(try load(environment, file: file).tokens.accessMinutes == 30)
        let all = try load(environment, options: options, file: file)
        #expect(all.tokens.accessMinutes == 40)
        #expect(shown("JWT_EXP_MINUTES", all) == "JWT_EXP_MINUTES=40  (command line)")
        #expect(
            shown("JWT_EXP_MINUTES", try load(environment, file: file))
                == "JWT_EXP_MINUTES=30  (environment)")
        #expect(
            shown("JWT_EXP_MINUTES", try load(file: file)) == "JWT_EXP_MINUTES=20  (\(file))")
        #expect(shown("JWT_EXP_MINUTES", try load()) == "JWT_EXP_MINUTES=15  (default)")
    }

    @Test func `An empty value counts as not set`() throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write(".env", "JWT_EXP_MINUTES=20\nJWT_SECRET=\n", mode: 0o644)
        let configuration = try load(["JWT_EXP_MINUTES": "", "JWT_SECRET": ""], file: file)
        #expect(configuration.tokens.accessMinutes == 20)
        #expect(configuration.tokens.secret == nil)
    }

    @Test(arguments: [
        ("AUTHD_SESSION_MAX_DAYS", "SESSION_MAX_DAYS"),
        ("AUTHD_SESSION_CACHE_SECONDS", "SESSION_CACHE_SECONDS"),
    ])
    func `An alias sets the same value`(name: String, alias: String) throws {
        #expect(shown(name, try load([alias: "7"])) == "\(name)=7  (environment)")
        #expect(shown(name, try load([alias: "7", name: "7"])) == "\(name)=7  (environment)")
        #expect(shown(name, try load([alias: "", name: "9"])) == "\(name)=9  (environment)")
    }

    @Test func `The Azure settings accept their aliases`() throws {
        let configuration = try load([
            "AZURE_TABLE_CONN_STRING": "sv=1&sig=abc",
            "AZURE_TABLE_ENDPOINT": "https://example.invalid/",
        ])
        #expect(configuration.store.azure.secret?.count == 12)
        #expect(configuration.store.azure.endpoint == "https://example.invalid/")
        #expect(configuration.store.kind == .azure)
        let line = try refusal(["SAS_TOKEN": "sig=abc", "ENDPOINT": "https://example.invalid/"])
        #expect(line.contains("SAS_TOKEN") && !line.contains("abc"))
        #expect(try refusal(["AUTHD_STORE": "azure"]).contains("ENDPOINT"))
    }

    @Test func `Conflicting values under two names in one source are refused and not shown`() throws
    {
        let line = try refusal(["SAS_TOKEN": "first-secret", "AZURE_TABLE_CONN_STRING": "other"])
        #expect(line.contains("SAS_TOKEN") && line.contains("AZURE_TABLE_CONN_STRING"))
        #expect(!line.contains("first-secret") && !line.contains("other"))
    }

    @Test func `A stronger source wins over a weaker one under either name`() throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write(".env", "AUTHD_SESSION_MAX_DAYS=3\n")
        #expect(try load(["SESSION_MAX_DAYS": "9"], file: file).sessions.daysMax == 9)
        let other = try directory.write("other", "SESSION_MAX_DAYS=3\n")
        #expect(try load(["AUTHD_SESSION_MAX_DAYS": "9"], file: other).sessions.daysMax == 9)
    }

    @Test(arguments: Setting.all.filter(\.isSecret).map(\.name))
    func `A secret on the command line is refused without repeating it`(name: String) throws {
        let value = String(repeating: "topsecret", count: 5)
        let line = try refusal(options: [name: value])
        #expect(line.contains(name) && line.contains("command line"))
        #expect(!line.contains("topsecret"))
    }

    @Test(arguments: [
        ("AUTHD_LISTN", "AUTHD_LISTEN"), ("AUTHD_BCRYPT_COSTS", "AUTHD_BCRYPT_COST"),
        ("authd_log_level", "AUTHD_LOG_LEVEL"), ("AUTHD_JWT_ISUER", "AUTHD_JWT_ISSUER"),
    ])
    func `A mistyped name is refused and the nearest one named`(
        typed: String, meant: String
    ) throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write(".env", "\(typed)=1\n")
        for line in [
            try refusal([typed: "1"]), try refusal(options: [typed: "1"]),
            try refusal(file: file),
        ] {
            #expect(line.contains(typed))
            #expect(line.hasSuffix("did you mean \(meant)?"))
        }
    }

    @Test func `A name that would forge lines is shown escaped`() throws {
        let line = try refusal(["AUTHD_X\u{1b}[2J\nroot": "1"])
        #expect(line.contains("AUTHD_X\\u{1b}[2J\\nroot"))
    }

    @Test func `A mistyped name without the AUTHD prefix is only a warning`() throws {
        let warnings = try load(["JWT_SECRT": "x", "PATH": "/bin", "JWT_ALGO": "1"]).warnings
        #expect(warnings.count == 1)
        #expect(warnings.first?.contains("JWT_SECRET") == true)
    }

    @Test func `The environment file is found by option, environment variable or directory`() throws
    {
        let directory = try TemporaryDirectory()
        let file = try directory.write(".env", "JWT_EXP_MINUTES=20\n")
        let other = try directory.write("other", "JWT_EXP_MINUTES=21\n")
        var host = plainHost
        host.currentDirectory = directory.path
        #expect(try load(host: host).tokens.accessMinutes == 20)
        #expect(try load(["AUTHD_ENV_FILE": "other"], host: host).environmentFile == other)
        #expect(
            try load(["AUTHD_ENV_FILE": other], file: file).tokens.accessMinutes == 20)
        #expect(try refusal(["AUTHD_ENV_FILE": "/nonexistent/x"]).contains("/nonexistent/x"))
        let nested = try directory.write("nested", "AUTHD_ENV_FILE=other\n")
        #expect(try refusal(file: nested).contains("AUTHD_ENV_FILE"))
    }

    @Test func `Socket file settings without a unix: address cause a warning`() throws {
        let mode = ["AUTHD_SOCKET_MODE": "0600"]
        func told(_ listen: String) throws -> Bool {
            try load(mode.merging(["AUTHD_LISTEN": listen]) { $1 }).warnings.contains {
                $0.hasPrefix("AUTHD_SOCKET_MODE is set, but AUTHD_LISTEN has no unix: address")
            }
        }
        #expect(try told("systemd:authd"))
        #expect(try !told("systemd:authd,unix:/run/x"))
        #expect(
            try !load(["AUTHD_LISTEN": "systemd:authd"]).warnings.contains { $0.contains("unix:") })
    }
}
