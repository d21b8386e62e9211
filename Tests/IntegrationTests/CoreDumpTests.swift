import AuthMessages
import Bytes
import Foundation
import Glibc
import TTRPC
import TestSupport
import Testing

extension IntegrationTests {
    /// What the memory of an idle daemon gives away.
    struct CoreDumpTests {
        private static let gcore = "/usr/bin/gcore"
        /// In each, a user without MFA and one with it log in twice or more: over a hundred logins.
        private static let rounds = 25

        /// The kernel may forbid others than root to look into a process.
        private static var canDump: Bool {
            FileManager.default.isExecutableFile(atPath: gcore) && OATHTool.isInstalled
                && geteuid() == 0
        }

        @Test(.enabled(if: canDump, "needs gcore, oathtool and root"))
        func `The memory of an idle daemon holds no secret after a hundred logins`() async throws {
            try await withDaemon { home, process, client in
                let secrets = SecretLedger()
                for round in 0..<CoreDumpTests.rounds {
                    try await CoreDumpTests.logInTwice(round, client, secrets)
                    try await CoreDumpTests.logInWithCodes(round, client, secrets)
                }
                #expect(secrets.count > 400)
                try await CoreDumpTests.checkMemory(of: process, home, secrets)
            }
        }

        /// OpenSSL has buffers of its own for what it decrypts and encrypts.
        @Test(.enabled(if: canDump, "needs gcore, oathtool and root"))
        func `The memory holds no secrets after logins over a TLS connection that is still open`()
            async throws
        {
            let tls = try TLSHome()
            let process = try await tls.home.start()
            let client = try tls.tlsClient(tls.client)
            let secrets = SecretLedger()
            for round in 0..<5 {
                try await CoreDumpTests.logInTwice(round, client, secrets)
                try await CoreDumpTests.logInWithCodes(round, client, secrets)
            }
            try await CoreDumpTests.checkMemory(of: process, tls.home, secrets)
            await client.close()
            process.signal(SIGTERM)
            #expect(try await process.exit(within: .seconds(40)) == .code(0))
        }

        /// What draws the code of a key URI and packs its image works on copies of the secret. The
        /// names have many lengths, so that blocks of many sizes are used, and few calls follow
        /// that could use them again.
        @Test(.enabled(if: canDump, "needs gcore, oathtool and root"))
        func `The memory holds no secrets right after QR codes are drawn`() async throws {
            try await withDaemon { home, process, client in
                let secrets = SecretLedger()
                for round in 0..<8 {
                    let name = String(repeating: "n", count: 1 + 7 * round)
                    let email = "\(name)@example.org"
                    let password = CoreDumpTests.password("qr", round)
                    try await client.register(email, password)
                    let login = try await client.login(email, password)
                    let begun = try await client.registerMFA(login.access, password)
                    secrets.note(password: text(of: begun.secretBase32))
                    secrets.note(password: text(of: begun.otpauthURI))
                }
                #expect(try await client.health())
                try await CoreDumpTests.checkMemory(of: process, home, secrets)
            }
        }

        @Test(.enabled(if: canDump, "needs gcore, oathtool and root"))
        func `The memory holds no secrets after resets, imports and new recovery codes`()
            async throws
        {
            try await withDaemon { home, process, client in
                let secrets = SecretLedger()
                for round in 0..<8 {
                    try await CoreDumpTests.resetAndChange(round, client, secrets)
                }
                #expect(try await client.health())
                try await CoreDumpTests.checkMemory(of: process, home, secrets)
            }
        }

        private static func checkMemory(
            of process: DaemonProcess, _ home: DaemonHome, _ secrets: SecretLedger
        ) async throws {
            let core = try await dump(process, home)
            let found = try secrets.leaks(inFile: core)
            #expect(found == [], "\(found.count) secrets are in the daemon's memory")
            // The search does find what is there: the daemon knows where it listens.
            let known = SecretLedger()
            known.note(password: home.socketPath)
            #expect(try known.leaks(inFile: core) == [home.socketPath])
        }

        /// The end alone is like no other.
        private static func password(_ kind: String, _ round: Int) -> String {
            let letters = "abcdefghijklmnopqrstuvwxyz"
            return "quartz-\(kind)-\(round)-lantern-"
                + String((0..<20).compactMap { _ in letters.randomElement() })
        }

        /// A user without MFA: Register, Login twice, Refresh, VerifyToken and a change of password.
        private static func logInTwice(
            _ round: Int, _ client: TestClient, _ secrets: SecretLedger
        ) async throws {
            let email = "plain-\(round)@example.org"
            // Some that are not ASCII, which take another way through the normalisation.
            let first = password(round % 2 == 0 ? "plain" : "pl\u{e4}in", round)
            let second = password("second", round)
            try await client.register(email, first)
            let login = try await client.login(email, first)
            let renewed = try await client.refresh(login.refresh)
            try await client.verify(renewed.access)
            try await client.changePassword(renewed.access, from: first, to: second)
            let last = try await client.login(email, second)
            try await client.verify(last.access)
            for password in [first, second] {
                secrets.note(password: password)
                // zxcvbn looks for words from behind, in the first characters.
                secrets.note(password: String(password.prefix(32).reversed()))
            }
            for login in [login, renewed, last] {
                secrets.note(jwt: login.access)
                secrets.note(jwt: login.refresh)
            }
        }

        /// A user with MFA: logs in once with a code and once with a recovery code.
        private static func logInWithCodes(
            _ round: Int, _ client: TestClient, _ secrets: SecretLedger
        ) async throws {
            let email = "mfa-\(round)@example.org"
            let password = password("mfa", round)
            secrets.note(password: password)
            try await client.register(email, password)
            let login = try await client.login(email, password)
            let begun = try await client.registerMFA(login.access, password)
            secrets.note(password: text(of: begun.secretBase32))
            let secret = try #require(Base32.decode(begun.secretBase32))
            secrets.note(bytes: secret.withUnsafeBytes { Array($0) })
            secrets.note(bytes: begun.qrCodePNG.withUnsafeBytes { $0.suffix(80).prefix(60) })
            secrets.note(token: begun.enrollmentToken)
            let now = Int64(Date().timeIntervalSince1970)
            let codes = try [now, now + 30].map {
                try OATHTool.code(of: text(of: begun.secretBase32), at: $0)
            }
            let recoveryCodes = try await client.verifyMFA(
                login.access, password, begun.enrollmentToken, code: codes[0])
            for code in recoveryCodes { secrets.note(password: text(of: code)) }
            var request = LoginRequest(email, password)
            request.totpCode = SecretBytes(utf8: codes[1])
            let second = try await client.login(request)
            request.totpCode = SecretBytes()
            request.recoveryCode = try #require(recoveryCodes.first)
            let third = try await client.login(request)
            for login in [login, second, third] {
                secrets.note(jwt: login.access)
                secrets.note(jwt: login.refresh)
            }
        }

        /// An account that is imported with its TOTP secret: its recovery codes are made, MFA is
        /// turned off with one of them, and the password is reset by token.
        private static func resetAndChange(
            _ round: Int, _ client: TestClient, _ secrets: SecretLedger
        ) async throws {
            let email = "imported-\(round)@example.org"
            let secret = String(
                (0..<32).compactMap { _ in "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".randomElement() })
            var imported = ImportUserRequest()
            imported.email = email
            // Of bcrypt's published vectors.
            imported.passwordHash = SecretBytes(
                utf8: "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW")
            imported.totpSecretBase32 = SecretBytes(utf8: secret)
            secrets.note(password: secret)
            let admin = "authd.v1.AdminService"
            _ = try await client.call(
                "ImportUser", imported, as: ImportUserResponse.self, service: admin)
            let now = Int64(Date().timeIntervalSince1970)
            var request = LoginRequest(email, "U*U")
            request.totpCode = SecretBytes(utf8: try OATHTool.code(of: secret, at: now))
            let login = try await client.login(request)
            secrets.note(jwt: login.access)
            secrets.note(jwt: login.refresh)
            var renew = RegenerateRecoveryCodesRequest()
            renew.password = request.password
            renew.totpCode = SecretBytes(utf8: try OATHTool.code(of: secret, at: now + 30))
            let codes = try await client.call(
                "RegenerateRecoveryCodes", renew, as: RegenerateRecoveryCodesResponse.self,
                token: login.access
            ).recoveryCodes
            for code in codes { secrets.note(password: text(of: code)) }
            var disable = DisableMfaRequest()
            disable.password = request.password
            disable.recoveryCode = try #require(codes.last)
            _ = try await client.call(
                "DisableMfa", disable, as: DisableMfaResponse.self, token: login.access)
            var issue = IssuePasswordResetRequest()
            issue.email = email
            let reset = try await client.call(
                "IssuePasswordReset", issue, as: IssuePasswordResetResponse.self, service: admin)
            secrets.note(password: text(of: reset.resetToken))
            let password = password("reset", round)
            secrets.note(password: password)
            var change = ResetPasswordRequest()
            change.resetToken = reset.resetToken
            change.newPassword = SecretBytes(utf8: password)
            _ = try await client.call("ResetPassword", change, as: ResetPasswordResponse.self)
        }

        /// The file with the memory of `process`.
        private static func dump(
            _ process: DaemonProcess, _ home: DaemonHome
        ) async throws -> String {
            let prefix = home.directory.path(of: "core")
            let run = try await CommandRun.program(
                gcore, ["-o", prefix, String(process.identifier)])
            #expect(run.exitCode == 0, "\(run.output)")
            return "\(prefix).\(process.identifier)"
        }
    }
}

extension TestClient {
    fileprivate func login(_ request: LoginRequest) async throws -> Login {
        let response = try await call("Login", request, as: LoginResponse.self)
        let tokens = try #require(response.tokens)
        #expect(response.mfaUsed)
        return Login(
            access: tokens.accessToken, refresh: tokens.refreshToken,
            sessionID: response.sessionID, userID: response.userID)
    }

    fileprivate func registerMFA(
        _ token: SecretBytes, _ password: String
    ) async throws -> RegisterMfaResponse {
        var request = RegisterMfaRequest()
        request.password = SecretBytes(utf8: password)
        return try await call(
            "RegisterMfa", request, as: RegisterMfaResponse.self, token: token)
    }

    fileprivate func verifyMFA(
        _ token: SecretBytes, _ password: String, _ enrollment: SecretBytes, code: String
    ) async throws -> [SecretBytes] {
        var request = VerifyMfaRequest()
        request.password = SecretBytes(utf8: password)
        request.enrollmentToken = enrollment
        request.totpCode = SecretBytes(utf8: code)
        return try await call("VerifyMfa", request, as: VerifyMfaResponse.self, token: token)
            .recoveryCodes
    }
}
