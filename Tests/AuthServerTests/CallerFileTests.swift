import AuthServer
import AuthService
import Glibc
import TTRPC
import TestSupport
import Testing

/// The policy file, and the variables that stand for it.
struct CallerFileTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func policy(_ text: String, mode: mode_t = 0o644) throws -> CallerPolicy {
        let path = try directory.write("callers.yaml", text, mode: mode)
        return try load(["AUTHD_CALLERS_FILE": path]).callers.policy
    }

    private func problem(_ text: String, mode: mode_t = 0o644) throws -> String {
        let path = try directory.write("callers.yaml", text, mode: mode)
        let line = try refusal(["AUTHD_CALLERS_FILE": path])
        #expect(line.hasPrefix("AUTHD_CALLERS_FILE: \(path): "))
        return line
    }

    @Test
    func `A file with every key is parsed into the policy it describes`() throws {
        let policy = try policy(
            """
            # Who may call.
            callers:
              - name: web
                uid: [www-data, 1001]
                gid: 50
                methods: [Login, Refresh]
                calls_per_second: 50
                burst: 100
                client_address: true
              - name: operators
                certificate: dns:ops.internal
                admin: true
              - name: support
                uid: 1002
                methods: []
                admin: [GetUser, UnlockUser]
              - name: others
                uid: any
                certificate: any
                local_tcp: true
                tls_without_certificate: true
            """)
        #expect(
            policy
                == CallerPolicy([
                    CallerRule(
                        "web", [.user(33), .user(1001), .group(50)],
                        methods: .only(["Login", "Refresh"]),
                        rate: .init(callsPerSecond: 50, burst: 100), believesClientAddress: true),
                    CallerRule(
                        "operators", [.certificate("dns:ops.internal")], adminMethods: .all),
                    CallerRule(
                        "support", [.user(1002)], methods: .only([]),
                        adminMethods: .only(["GetUser", "UnlockUser"])),
                    CallerRule(
                        "others",
                        [.anyUser, .anyCertificate, .localTCP, .tlsWithoutCertificate]),
                ]))
    }

    @Test(arguments: [
        ("", "line 1 is empty"),
        ("- a", "line 1 the file is not a list of"),
        ("caller: []", "line 1 has the unknown key \"caller\"; did you mean callers?"),
        ("callers: yes", "line 1 \"callers\" is not a list"),
        ("callers:\n  - uid: 1", "line 2 begins a caller without \"name\""),
        ("callers:\n  - name: a", "line 2 begins a caller that matches nobody"),
        ("callers:\n  - name: a\n    uid: no-such-user", "line 3 \"uid\": there is no user"),
        ("callers:\n  - name: a\n    uid: 4294967295", "line 3 \"uid\": there is no user"),
        ("callers:\n  - name: a\n    uid: -1", "line 3 \"uid\": there is no user"),
        ("callers:\n  - name: a\n    gid: [0, nobodys]", "line 3 \"gid\": there is no group"),
        (
            "callers:\n  - name: a\n    uid: 1\n    methods: [Logn]",
            "line 4 \"methods\": there is no RPC"
        ),
        (
            "callers:\n  - name: a\n    uid: 1\n    methods: [GetUser]",
            "line 4 \"methods\": there is no RPC"
        ),
        (
            "callers:\n  - name: a\n    uid: 1\n    admin: yes",
            "line 4 \"admin\" must be true or false"
        ),
        (
            "callers:\n  - name: a\n    uid: 1\n    admin: [Login]",
            "line 4 \"admin\": there is no RPC"
        ),
        (
            "callers:\n  - name: a\n    uid: 1\n    client_address: 1",
            "line 4 \"client_address\" must be"
        ),
        ("callers:\n  - name: a\n    uid: 1\n    burst: 5", "line 4 has \"burst\" without"),
        (
            "callers:\n  - name: a\n    uid: 1\n    calls_per_second: 0",
            "line 4 \"calls_per_second\" must be"
        ),
        (
            "callers:\n  - name: a\n    uid: 1\n    calls_per_second: nan",
            "line 4 \"calls_per_second\" must be"
        ),
        ("callers:\n  - name: a\n    uid: 1\n    rate: 5", "line 4 has the unknown key \"rate\""),
        ("callers:\n  - name: a\n    certificate: web", "line 3 \"certificate\": there is no cn:"),
        ("callers:\n  - name: a\n    uid: 1\n    uid: 2", "twice"),
        (
            "callers:\n  - {name: a, uid: 1}\n  - {name: a, uid: 2}",
            "line 3 repeats the name \"a\""
        ),
        ("callers:\n  - {name: [a], uid: 1}", "line 2 \"name\" is not a plain string"),
        ("callers:\n  - {name: *n, uid: 2}", "line 2 has an anchor or alias; aliases are not"),
        ("callers:\n  - name: &n a\n    uid: 1", "line 2 has an anchor or alias"),
        ("callers: &all []", "line 1 has an anchor or alias"),
        ("callers:\n  - &web {name: a, uid: 1}", "line 2 has an anchor or alias"),
        ("callers: []\n---\n- &a [x]\n- *a", "line 3 has an anchor or alias"),
        ("callers:\n  - name: a\n    ? [uid]\n    : 1", "line 3 has a list as a key"),
        ("callers:\n  - name: a\n    ? {uid: 1}\n    : 1", "line 3 has a list as a key"),
        (
            "callers:\n  - name: a\n    uid: [[[[[[[[[[[[[[1]]]]]]]]]]]]]]",
            "line 3 nests lists more than 16 deep"
        ),
        ("callers: [", "is not YAML"),
        ("callers: []\n---\ncallers: []", "is not YAML"),
    ])
    func `An invalid file is refused with the line and the reason`(
        _ text: String, _ expected: String
    ) throws {
        let line = try problem(text)
        #expect(line.contains(expected), "\(line)")
    }

    @Test
    func `A small file whose aliases stand for a giant tree is refused at once`() throws {
        let levels = (1...13).map { level in
            let below = Array(repeating: "*a\(level - 1)", count: 8).joined(separator: ", ")
            return "- &a\(level) [\(below)]"
        }
        let text = (["- &a0 [x]"] + levels + ["- ? *a13", "  : 1"]).joined(separator: "\n")
        #expect(text.utf8.count < 1000)
        #expect(try problem(text).contains("line 1 has an anchor or alias"))
    }

    @Test
    func `Quoted text and comments may contain the signs of anchors and aliases`() throws {
        let policy = try policy(
            """
            # Web & *others*: [{?
            callers:
              - name: "&web *1"
                uid: any
              - name: R&D *2
                uid: any
              - name: '*'
                uid: any
              - ? name
                : b
                uid: any
            """)
        #expect(
            policy
                == CallerPolicy(
                    ["&web *1", "R&D *2", "*", "b"].map { CallerRule($0, [.anyUser]) }))
    }

    @Test
    func `A file that others can change is refused`() throws {
        let text = "callers: []"
        for mode: mode_t in [0o664, 0o646, 0o666, 0o622] {
            #expect(try problem(text, mode: mode).contains("is writable by other users"))
        }
        #expect(try policy(text, mode: 0o640) == CallerPolicy([]))
    }

    @Test
    func `A file of another user, a directory and a missing file are refused`() throws {
        let path = try directory.write("callers.yaml", "callers: []", mode: 0o644)
        if geteuid() == 0 {
            try #require(chown(path, 4242, 4242) == 0)
            #expect(
                try refusal(["AUTHD_CALLERS_FILE": path]).contains("belongs to uid 4242"))
        }
        #expect(
            try refusal(["AUTHD_CALLERS_FILE": directory.path]).contains("not a regular file"))
        #expect(try refusal(["AUTHD_CALLERS_FILE": "/nonexistent/x"]).contains("can't be opened"))
    }

    @Test
    func `The policy file cannot be combined with the caller variables`() throws {
        let path = try directory.write("callers.yaml", "callers: []", mode: 0o644)
        for name in ["AUTHD_ALLOW_UIDS", "AUTHD_ADMIN_UIDS", "AUTHD_CALLER_CALLS_PER_SECOND"] {
            let line = try refusal(["AUTHD_CALLERS_FILE": path, name: "1"])
            #expect(line.hasPrefix(name))
            #expect(line.contains("together with AUTHD_CALLERS_FILE"))
        }
    }

    /// What a peer may do under the variables: allowed, administrator, believed.
    private func rights(_ values: [String: String], _ peer: PeerIdentity) throws -> [Bool] {
        let rule = try load(values).callers.policy.rule(for: peer)?.rule
        return [rule != nil, rule?.isAdministrator == true, rule?.believesClientAddress == true]
    }

    @Test
    func `By default everyone may call, and only root and the daemon's user are trusted`() throws {
        let stranger = PeerIdentity.unix(uid: 4242, gid: 4242, pid: 1)
        #expect(try rights([:], stranger) == [true, false, false])
        #expect(try rights([:], .tcp(address: "127.0.0.1:1")) == [true, false, false])
        for uid in [0, geteuid()] {
            #expect(try rights([:], .unix(uid: uid, gid: 7, pid: 1)) == [true, true, true])
        }
    }

    @Test
    func `Allow lists of users and groups exclude everyone else except root`() throws {
        let values = ["AUTHD_ALLOW_UIDS": "1001, www-data", "AUTHD_ALLOW_GIDS": "50"]
        #expect(try rights(values, .unix(uid: 1001, gid: 1, pid: 1)) == [true, false, false])
        #expect(try rights(values, .unix(uid: 33, gid: 1, pid: 1)) == [true, false, false])
        #expect(try rights(values, .unix(uid: 4242, gid: 50, pid: 1)) == [true, false, false])
        #expect(try rights(values, .unix(uid: 4242, gid: 1, pid: 1)) == [false, false, false])
        #expect(try rights(values, .tcp(address: "127.0.0.1:1")) == [false, false, false])
        #expect(
            try rights(values, .tls(address: "127.0.0.1:1", certificate: nil))
                == [false, false, false])
        #expect(try rights(values, .unix(uid: 0, gid: 0, pid: 1)) == [true, true, true])
    }

    @Test
    func `Only the named callers are administrators or may state a client address`() throws {
        let values = [
            "AUTHD_ADMIN_UIDS": "1001", "AUTHD_CLIENT_ADDRESS_UIDS": "33",
            "AUTHD_ADMIN_CERTIFICATES": "dns:ops.internal", "AUTHD_ALLOW_UIDS": "1002",
        ]
        #expect(try rights(values, .unix(uid: 1001, gid: 1, pid: 1)) == [true, true, false])
        #expect(try rights(values, .unix(uid: 33, gid: 1, pid: 1)) == [true, false, true])
        #expect(try rights(values, .unix(uid: 1002, gid: 1, pid: 1)) == [true, false, false])
        #expect(try rights(values, .unix(uid: 0, gid: 0, pid: 1))[1] == false)
        let certificate = PeerCertificate(fingerprint: "ab", names: ["dns:ops.internal"])
        #expect(
            try rights(values, .tls(address: "10.0.0.1:1", certificate: certificate))
                == [true, true, false])
        #expect(try refusal(["AUTHD_ADMIN_CERTIFICATES": "ops"]).contains("cn:, dns:"))
        #expect(try refusal(["AUTHD_ADMIN_UIDS": "nobody-at-all"]).contains("names nobody"))
    }
}
