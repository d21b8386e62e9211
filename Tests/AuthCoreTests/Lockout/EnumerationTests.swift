import AuthCore
import Bytes
import Storage
import TestSupport
import Testing

/// Being held up tells nobody who is registered.
@Suite struct EnumerationTests {
    private let fixture: AuthenticatorFixture

    init() throws {
        fixture = try AuthenticatorFixture()
    }

    /// A registered, a disabled and an unknown address.
    private func addresses() async throws -> [String] {
        try await fixture.register("known@example.com")
        try await fixture.register("disabled@example.com")
        try await fixture.set("disabled", .boolean(true), "disabled@example.com")
        return ["known@example.com", "disabled@example.com", "unknown@example.com"]
    }

    @Test
    func `Known, disabled and unknown accounts are throttled identically at every failure`()
        async throws
    {
        var histories: [[Outcome]] = []
        for email in try await addresses() {
            var history: [Outcome] = []
            for number in 0..<130 {
                let outcome = await fixture.attempt("guess-\(number)", email: email)
                history.append(outcome)
                if case .throttled(let wait) = outcome { fixture.clock.advance(by: wait) }
            }
            histories.append(history)
        }
        #expect(histories[0].contains(.throttled(.seconds(900))))
        #expect(histories[0] == histories[1])
        #expect(histories[0] == histories[2])
    }

    @Test func `A hundred failures disable known and unknown addresses alike`() async throws {
        for email in try await addresses() {
            await fixture.guessPatiently(100, email: email)
            fixture.clock.advance(by: .seconds(86_400))
            #expect(await fixture.attempt(email: email) == .throttled(.seconds(900)))
        }
    }

    @Test func `Known, disabled and unknown accounts cost the same hashes and reads`()
        async throws
    {
        let store = CountingStore(fixture.store)
        let daemon = try AuthenticatorFixture(store: store, clock: fixture.clock)
        for email in try await addresses() {
            let hashes = await daemon.cost { _ = await daemon.guess(5, email: email) }
            #expect(hashes == [5, 0])
            await daemon.authenticator.storeFailures()
            let calls = await store.calls {
                let cost = await daemon.cost {
                    #expect(await daemon.attempt(email: email) == .throttled(.seconds(1)))
                }
                #expect(cost == [0, 0])
            }
            #expect(calls == [.get])
        }
    }

    @Test func `Every spelling of an address shares one failure counter`() async throws {
        _ = try await addresses()
        for (email, spellings) in [
            (
                "known@example.com",
                ["KNOWN@example.com", " known@Example.Com", "Known@EXAMPLE.COM\n"]
            ),
            ("u\u{308}nknown@example.com", ["ünknown@example.com", "U\u{308}NKNOWN@example.com"]),
        ] {
            for number in 0..<5 {
                let spelling = spellings[number % spellings.count]
                #expect(await fixture.attempt("guess-\(number)", email: spelling) == .wrong)
            }
            for spelling in spellings + [email] {
                #expect(await fixture.attempt(email: spelling) == .throttled(.seconds(1)))
            }
        }
    }

    @Test func `Without the password, codes reveal neither MFA nor earlier code failures`()
        async throws
    {
        let user = try await fixture.mfaUser()
        for number in 0..<5 {
            let code = SecondFactor.totp(SecretBytes(utf8: "\(number)"))
            #expect(await fixture.attempt(nil, code) == .wrongCode)
        }
        let code = SecondFactor.totp(SecretBytes(utf8: "123456"))
        // Who knows the password learns that the code must wait, and so does nobody else.
        #expect(await fixture.attempt(nil, user.totp(fixture.clock)) == .throttled(.seconds(1)))
        #expect(await fixture.attempt("guess", code) == .wrong)
        #expect(await fixture.attempt("guess", email: "nobody@example.com", code) == .wrong)
    }

    @Test func `Registering an address discards the failures counted before`() async throws {
        _ = await fixture.guess(8)
        #expect(await fixture.attempt() == .throttled(.seconds(1)))
        try await fixture.register()
        #expect(await fixture.attempt() == .accepted)
    }
}
