import AuthServer
import Bytes
import Testing

/// What each value may be, at the bounds and beyond.
struct BoundsTests {
    private static let integers = Setting.all.filter { setting in
        if case .integer = setting.kind { true } else { false }
    }

    @Test(arguments: integers.map(\.name))
    func `An integer passes at both bounds and not beyond`(name: String) throws {
        let setting = try #require(Setting.all.first { $0.name == name })
        guard case .integer(let range, _) = setting.kind else { return }
        // The per-uid limit also has to fit below the total.
        let other =
            name == "AUTHD_CONNECTIONS_PER_UID_MAX" ? ["AUTHD_CONNECTIONS_MAX": "65536"] : [:]
        for good in [range.lowerBound, range.upperBound] {
            let configuration = try load(other.merging([name: "\(good)"]) { $1 })
            #expect(shown(name, configuration) == "\(name)=\(good)  (environment)")
        }
        let beyond = ["\(range.lowerBound - 1)", "\(range.upperBound + 1)"]
        for bad in beyond + ["x", "1.5", "+\(range.upperBound)", " ", "99999999999999999999"] {
            let line = try refusal(other.merging([name: bad]) { $1 })
            #expect(line.hasPrefix("\(name) (environment): "))
            #expect(line.contains("allowed: \(setting.allowed)"), "\(line)")
        }
    }

    @Test(arguments: [
        ("JWT_ALGORITHM", "none"), ("JWT_ALGORITHM", "hs256"), ("AUTHD_LOG_LEVEL", "loud"),
        ("AUTHD_LOG_FORMAT", "xml"), ("AUTHD_STORE", "mysql"), ("AUTHD_STORE", "sqlite:"),
        ("AUTHD_SOCKET_MODE", "660a"), ("AUTHD_SOCKET_MODE", "0888"),
        ("AUTHD_SOCKET_MODE", "4660"), ("AUTHD_SOCKET_MODE", "0060"),
        ("AUTHD_SOCKET_OWNER", "no such user"), ("AUTHD_SOCKET_GROUP", "4294967295"),
        ("AUTHD_PASSWORD_CLASSES", "lower,,upper"), ("AUTHD_PASSWORD_CLASSES", "lower,lower"),
        ("AUTHD_PASSWORD_CLASSES", "emoji"), ("USERS_TABLE_NAME", "1Users"),
        ("USERS_TABLE_NAME", "Us"), ("USERS_TABLE_NAME", "Users-x"),
        ("AUTHD_JWT_ISSUER", String(repeating: "i", count: 256)),
        ("AUTHD_JWT_ISSUER", "a\nAUTHD_STORE=memory"), ("AUTHD_JWT_ISSUER", "a\u{fffd}"),
        ("AUTHD_MFA_ISSUER", "a:b"), ("AUTHD_MFA_ISSUER", String(repeating: "i", count: 41)),
        ("AUTHD_JWT_KEY_FILES", "/etc/key.pem"), ("AUTHD_LISTEN", "/run/x.sock"),
        ("AUTHD_LISTEN", "unix:"), ("AUTHD_LISTEN", "tcp:0.0.0.0:80"),
        ("AUTHD_LISTEN", "tcp:example.org:80"), ("AUTHD_LISTEN", "tcp:127.0.0.1:65536"),
        ("AUTHD_LISTEN", "tcp:127.0.0.1:"), ("AUTHD_LISTEN", "tcp:127.0.0.1:+1"),
        ("AUTHD_LISTEN", "tls:[::1:1"), ("AUTHD_LISTEN", "udp:127.0.0.1:1"),
        ("AUTHD_LISTEN", "tcp:127.0.0.1:80,tcp:localhost:80"),
        ("AUTHD_LISTEN", "systemd:"), ("AUTHD_LISTEN", "systemd:a:b"),
        ("AUTHD_LISTEN", "systemd: "), ("AUTHD_LISTEN", "systemd-tls:"),
        ("AUTHD_LISTEN", "systemd:a,systemd-tls:a"),
        ("AUTHD_LISTEN", "systemd:" + String(repeating: "n", count: 256)),
        ("AUTHD_ADMIN_LISTEN", "systemd-tls:admin"), ("AUTHD_ADMIN_LISTEN", "tcp:127.0.0.1:1"),
        ("AUTHD_SOCKET", "systemd:authd"),
        ("AUTHD_SOCKET", "unix:/a,unix:/b/"),
        ("ENDPOINT", "http://example.org/"), ("ENDPOINT", "ftp://x/"), ("ENDPOINT", "https://"),
    ])
    func `A wrong value is refused by name in one line`(name: String, value: String) throws {
        let line = try refusal([name: value])
        #expect(line.hasPrefix("\(name) (environment): "), "\(line)")
    }

    private func listen(_ values: [String: String]) throws -> [String] {
        try load(values).sockets.listen.map(\.description)
    }

    @Test func `A socket path passes with 107 bytes and not with 108`() throws {
        let path = "/" + String(repeating: "s", count: 106)
        #expect(try listen(["AUTHD_LISTEN": "unix:\(path)"]) == ["unix:\(path)"])
        #expect(try refusal(["AUTHD_LISTEN": "unix:\(path)s"]).contains("108 bytes"))
    }

    @Test func `Several listeners of all kinds are read`() throws {
        let text = "unix:/run/a.sock, tls:[::]:8443,tls:auth.example:443,tcp:localhost:0"
        #expect(
            try listen([
                "AUTHD_LISTEN": text + ",tcp:[::1]:7000", "AUTHD_TLS_CERTIFICATE_FILE": "a",
                "AUTHD_TLS_KEY_FILE": "b", "AUTHD_TLS_CLIENT_CA_FILE": "c",
            ]) == [
                "unix:/run/a.sock", "tls:[::]:8443", "tls:auth.example:443", "tcp:127.0.0.1:0",
                "tcp:[::1]:7000",
            ])
    }

    @Test(
        arguments: [
            ("tcp:10.0.0.1:80", "asks for plain TCP on \"10.0.0.1\", which is not a loopback"),
            ("tcp:[::2]:80", "asks for plain TCP on \"::2\", which is not a loopback"),
            ("tcp:127.0.0.1:65536", "has a port that is not 0 to 65535"),
            ("tls:a:", "has a port that is not 0 to 65535"), ("tls:[a]:1", "is not allowed"),
        ])
    func `The error for an invalid address says what is wrong with it`(
        address: String, words: String
    ) throws {
        let line = try refusal(["AUTHD_LISTEN": address])
        #expect(line.contains(words), "\(line)")
    }

    @Test func `A secret shorter than 32 bytes is refused under every algorithm`() throws {
        let short = String(repeating: "k", count: 31)
        let line = try refusal(["JWT_SECRET": short])
        #expect(line.contains("31 bytes") && !line.contains(short))
        #expect(try load(["JWT_SECRET": short + "k"]).tokens.secret?.count == 32)
        let keys = ["JWT_ALGORITHM": "ES256", "AUTHD_JWT_KEY_FILES": "a.pem,/b.pem"]
        #expect(try load(keys).tokens.keyFiles == ["/nonexistent/a.pem", "/b.pem"])
        #expect(try load(keys).tokens.secret == nil)
        #expect(try refusal(keys.merging(["JWT_SECRET": short]) { $1 }).contains("31 bytes"))
        #expect(try refusal(["JWT_ALGORITHM": "ES256"]).contains("AUTHD_JWT_KEY_FILES"))
    }

    @Test func `Older encryption keys are a list of at most 15 secrets of at least 32 bytes`()
        throws
    {
        func keys(_ text: String) throws -> [Int] {
            try load(["AUTHD_OLDER_ENCRYPTION_KEYS": text]).tokens.olderEncryptionKeys.map(\.count)
        }
        func key(_ letter: Character, _ count: Int = 32) -> String {
            String(repeating: letter, count: count)
        }
        #expect(try keys("") == [])
        #expect(try keys(key("a")) == [32])
        #expect(try keys(" \(key("a"))  \(key("b", 40)) ") == [32, 40])
        let fifteen = Array(repeating: key("a"), count: 15)
        #expect(try keys(fifteen.joined(separator: " ")).count == 15)
        for bad in [
            key("a", 31), key("a") + " b", (fifteen + [key("b")]).joined(separator: " "),
        ] {
            let line = try refusal(["AUTHD_OLDER_ENCRYPTION_KEYS": bad])
            #expect(line.hasPrefix("AUTHD_OLDER_ENCRYPTION_KEYS (environment): has "))
            #expect(!line.contains("aaaa"))
        }
    }

    @Test func `A secret that is not valid UTF-8 is refused, since two could become one`() throws {
        let broken = String(decoding: [UInt8](repeating: 0xff, count: 40), as: UTF8.self)
        let line = try refusal(["JWT_SECRET": broken])
        #expect(line.contains("not valid UTF-8") && !line.contains(broken))
    }

    @Test func `An endpoint with a signature in it is refused without repeating it`() throws {
        let line = try refusal(["ENDPOINT": "https://x.invalid/?sig=TOPSECRET"])
        #expect(line.contains("SAS_TOKEN") && !line.contains("TOPSECRET"))
        #expect(!(try refusal(["ENDPOINT": "x?sig=TOPSECRET"])).contains("TOPSECRET"))
    }

    @Test func `Defaults depend on the user and on the number of cores`() throws {
        let plain = try load()
        #expect(plain.store.kind == .sqlite(path: "/home/ann/.local/state/authd/authd.sqlite"))
        #expect(plain.sockets.listen.map(\.description) == ["unix:/run/user/1000/authd/authd.sock"])
        #expect(plain.hashing.threads == 4 && plain.hashing.queueMax == 64)
        #expect(plain.limits.eventLoops == 2)
        #expect(plain.sockets.mode == 0o660)
        let root = try ServerConfiguration.load(
            options: [:], environment: [:], dotEnvPath: nil,
            host: HostFacts(isRoot: true, cores: 96, currentDirectory: "/nonexistent"))
        #expect(root.store.stateDirectory == "/var/lib/authd")
        #expect(root.sockets.listen.map(\.description) == ["unix:/run/authd/authd.sock"])
        #expect(root.limits.eventLoops == 16)
    }

    @Test func `Without a runtime directory the socket is in the state directory, never in /tmp`()
        throws
    {
        let configuration = try load(["XDG_RUNTIME_DIR": "", "XDG_STATE_HOME": "/s/"])
        #expect(configuration.sockets.listen.map(\.description) == ["unix:/s/authd/authd.sock"])
        let relative = try load(["XDG_RUNTIME_DIR": "tmp", "XDG_STATE_HOME": "tmp"])
        #expect(
            relative.sockets.listen.map(\.description)
                == ["unix:/home/ann/.local/state/authd/authd.sock"])
        #expect(try refusal(["HOME": ""]).contains("AUTHD_STATE_DIR"))
    }

    @Test func `The connection limit per uid cannot exceed the total limit`() throws {
        #expect(try load(["AUTHD_CONNECTIONS_MAX": "10"]).limits.connectionsPerUIDMax == 10)
        let line = try refusal([
            "AUTHD_CONNECTIONS_MAX": "10", "AUTHD_CONNECTIONS_PER_UID_MAX": "11",
        ])
        #expect(line.hasPrefix("AUTHD_CONNECTIONS_PER_UID_MAX"))
    }

    @Test(arguments: [
        (["AUTHD_BCRYPT_COST": "9"], "AUTHD_BCRYPT_COST"),
        (["AUTHD_SOCKET_MODE": "0666"], "AUTHD_SOCKET_MODE"),
        (["REFRESH_TOKEN_EXP_MINUTES": "5"], "REFRESH_TOKEN_EXP_MINUTES"),
    ])
    func `An allowed but unwise value causes a warning`(
        values: [String: String], name: String
    ) throws {
        #expect(try load().warnings.isEmpty)
        let warnings = try load(values).warnings
        #expect(warnings.count == 1 && warnings.first?.contains(name) == true)
    }

    @Test func `The owner and group of the socket are given by name or number`() throws {
        let sockets = try load(["AUTHD_SOCKET_OWNER": "root", "AUTHD_SOCKET_GROUP": "12"]).sockets
        #expect(sockets.owner == 0 && sockets.group == 12)
        #expect(try load().sockets.owner == nil)
    }
}
