import AuthCore
import Bytes
import DispatchBridge
import Storage
import TestSupport
import Testing

/// Guesses made at once get no further than guesses one by one.
@Suite struct ParallelGuessTests {
    private let fixture: AuthenticatorFixture

    init() throws {
        fixture = try AuthenticatorFixture()
    }

    /// Runs tries at once, while no hash can begin before all of them are there.
    private func together(
        _ count: Int, _ attempt: @escaping @Sendable (Int) async -> Outcome
    ) async throws -> [Outcome] {
        let release = await fixture.holdHashing()
        return try await withThrowingTaskGroup(of: Outcome.self) { group in
            for number in 0..<count {
                group.addTask { await attempt(number) }
            }
            try await eventually {
                fixture.authenticator.waitingTries + fixture.pool.queueDepth >= count
            }
            release()
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    @Test(arguments: ["ada@example.com", "nobody@example.com"])
    func `Of a hundred concurrent guesses five are hashed, and all are counted`(email: String)
        async throws
    {
        try await fixture.register()
        let fixture = fixture
        let before = fixture.hasher.bcryptRuns.total
        let outcomes = try await together(100) {
            await fixture.attempt("guess-\($0)", email: email)
        }
        #expect(fixture.hasher.bcryptRuns.total - before == 5)
        #expect(outcomes.filter { $0 == .wrong }.count == 5)
        #expect(outcomes.filter(\.isThrottled).count == 95)
        await fixture.authenticator.storeFailures()
        if email == "ada@example.com" {
            let row = try await fixture.row()
            #expect(row["passwordFailures"] == .int64(100))
            #expect(row["passwordFailuresUnchecked"] == .int64(95))
        }
        // A burst makes the wait long, and disables nothing: only 5 were guesses.
        #expect(await fixture.attempt(email: email) == .throttled(.seconds(900)))
        fixture.clock.advance(by: .seconds(900))
        let end: Outcome = email == "ada@example.com" ? .accepted : .wrong
        #expect(await fixture.attempt(email: email) == end)
    }

    @Test func `A hundred concurrent logins with the correct password all succeed`() async throws {
        try await fixture.register()
        _ = await fixture.guess(3)
        let fixture = fixture
        let outcomes = await withTaskGroup(of: Outcome.self) { group in
            for _ in 0..<100 { group.addTask { await fixture.attempt() } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes == Array(repeating: .accepted, count: 100))
    }

    @Test func `One wrong password sent a hundred times concurrently counts once`() async throws {
        try await fixture.register()
        let fixture = fixture
        let outcomes = try await together(100) { _ in await fixture.attempt("stale-secret") }
        #expect(outcomes == Array(repeating: .wrong, count: 100))
        await fixture.authenticator.storeFailures()
        #expect(try await fixture.row()["passwordFailures"] == .int64(1))
    }

    @Test func `After a wait only one of several concurrent guesses is hashed`() async throws {
        try await fixture.register()
        _ = await fixture.guess(5)
        fixture.clock.advance(by: .seconds(1))
        let fixture = fixture
        let before = fixture.hasher.bcryptRuns.total
        let outcomes = try await together(20) { await fixture.attempt("more-\($0)") }
        #expect(fixture.hasher.bcryptRuns.total - before == 1)
        #expect(outcomes.filter { $0 == .wrong }.count == 1)
        #expect(outcomes.filter(\.isThrottled).count == 19)
    }

    @Test func `Concurrent guesses from one client address count against that address`()
        async throws
    {
        try await fixture.register()
        let fixture = fixture
        let outcomes = try await together(100) {
            await fixture.attempt("guess-\($0)", address: "192.0.2.7")
        }
        #expect(outcomes.filter { $0 == .wrong }.count == 5)
        await fixture.authenticator.storeFailures()
        #expect(try await fixture.row()["passwordFailures"] == .int64(5))
        #expect(await fixture.attempt(address: "192.0.2.7") == .throttled(.seconds(900)))
        // The user, who is elsewhere, waits a second and no longer.
        #expect(await fixture.attempt(address: "198.51.100.1") == .throttled(.seconds(1)))
        fixture.clock.advance(by: .seconds(1))
        #expect(await fixture.attempt(address: "198.51.100.1") == .accepted)
        #expect(await fixture.attempt(address: "192.0.2.7") == .throttled(.seconds(899)))
    }

    @Test
    func `Concurrent guesses at many accounts from one address are limited like sequential ones`()
        async throws
    {
        let fixture = fixture
        let before = fixture.hasher.bcryptRuns.total
        let outcomes = try await together(40) {
            await fixture.attempt("guess", email: "user-\($0)@example.com", address: "192.0.2.7")
        }
        #expect(fixture.hasher.bcryptRuns.total - before == 5)
        #expect(outcomes.filter(\.isThrottled).count == 35)
        #expect(await fixture.attempt(address: "192.0.2.7") == .throttled(.seconds(1)))
    }

    @Test func `Concurrent TOTP guesses are counted like password guesses`() async throws {
        let user = try await fixture.mfaUser()
        let fixture = fixture
        let outcomes = try await together(30) { number in
            await fixture.attempt(nil, .totp(SecretBytes(utf8: "\(100_000 + number)x")))
        }
        #expect(outcomes.filter { $0 == .wrongCode }.count == 5)
        #expect(outcomes.filter(\.isThrottled).count == 25)
        await fixture.authenticator.storeFailures()
        #expect(try await fixture.row()["totpFailures"] != nil)
        #expect(try await fixture.row()["passwordFailures"] == nil)
        fixture.clock.advance(by: .seconds(900))
        #expect(await fixture.attempt(nil, user.totp(fixture.clock)) == .accepted)
    }

    @Test(arguments: [Credential.totpCode, .recoveryCode])
    func `Concurrent wrong passwords do not reveal earlier code failures`(
        credential: Credential
    ) async throws {
        let fixture = fixture
        let user = try await fixture.mfaUser()
        try await fixture.register("plain@example.com")
        let guess = { @Sendable (number: Int) -> SecondFactor in
            credential == .totpCode
                ? .totp(SecretBytes(utf8: "\(number)")) : .recovery(RecoveryCode.random().text)
        }
        for number in 0..<4 {
            #expect(await fixture.attempt(nil, guess(number)) == .wrongCode)
        }
        for email in [user.email, "plain@example.com", "nobody@example.com"] {
            let release = await fixture.holdHashing()
            let guesses = (0..<5).map { number in
                Task { await fixture.attempt("guess-\(number)", email: email, guess(number)) }
            }
            try await eventually {
                fixture.authenticator.waitingTries + fixture.pool.queueDepth == 5
            }
            // None waits for another one: all are hashed side by side, and take the same time.
            #expect(fixture.authenticator.waitingTries == 0)
            release()
            for guess in guesses { #expect(await guess.value == .wrong) }
        }
    }

    @Test func `Concurrent TOTP guesses share the allowance with earlier failures`() async throws {
        let fixture = fixture
        let user = try await fixture.mfaUser()
        let right = (-1...1).map { user.code(fixture.clock, steps: $0) }
        let guesses = (0..<50).map { SecretBytes(utf8: "\(100_000 + $0)") }
            .filter { !right.contains($0) }
        for guess in guesses.suffix(3) {
            #expect(await fixture.attempt(nil, .totp(guess)) == .wrongCode)
        }
        let before = fixture.sealing.pbkdf2Runs.total
        // In logins, and with an access token, which share the counter.
        let outcomes = try await together(40) { number in
            guard number % 2 == 0 else {
                return await fixture.attempt(nil, .totp(guesses[number]))
            }
            return await Outcome {
                try await fixture.authenticator.validateMFA(
                    password: AuthenticatorFixture.password, code: guesses[number],
                    accessToken: user.tokens.access, context: RequestContext())
            }
        }
        #expect(outcomes.filter { $0 == .wrongCode }.count == 2)
        #expect(outcomes.filter(\.isThrottled).count == 38)
        // The secret is opened for no more of them.
        #expect(fixture.sealing.pbkdf2Runs.total - before == 2)
        await fixture.authenticator.storeFailures()
        #expect(try await fixture.row()["passwordFailures"] == nil)
    }

    @Test func `Concurrent logins with valid recovery codes all succeed despite earlier failures`()
        async throws
    {
        let fixture = fixture
        let user = try await fixture.mfaUser()
        for _ in 0..<4 {
            let guess = SecondFactor.recovery(RecoveryCode.random().text)
            #expect(await fixture.attempt(nil, guess) == .wrongCode)
        }
        let outcomes = try await together(10) { number in
            await fixture.attempt(nil, .recovery(user.recoveryCodes[number]))
        }
        #expect(outcomes == Array(repeating: .accepted, count: 10))
    }

    @Test func `A cancelled attempt leaves the queue and does not throttle the user`() async throws
    {
        try await fixture.register()
        let fixture = fixture
        let release = await fixture.holdHashing()
        let tasks = (0..<8).map { number in
            Task { await fixture.attempt("guess-\(number)") }
        }
        try await eventually { fixture.authenticator.waitingTries == 3 }
        for task in tasks { task.cancel() }
        var outcomes: [Outcome] = []
        for task in tasks { outcomes.append(await task.value) }
        release()
        #expect(outcomes == Array(repeating: .refused("cancelled"), count: 8))
        #expect(fixture.authenticator.waitingTries == 0)
        #expect(await fixture.attempt() == .accepted)
        await fixture.authenticator.storeFailures()
        #expect(try await fixture.row()["passwordFailures"] == nil)
    }
}
