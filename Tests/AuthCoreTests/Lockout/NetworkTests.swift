import AuthCore
import Bytes
import Storage
import TestSupport
import Testing

@testable import AuthCore

/// Guessing at many accounts from one network.
@Suite struct NetworkTests {
    private let fixture: AuthenticatorFixture

    init() throws {
        fixture = try AuthenticatorFixture()
    }

    private func spray(
        _ count: Int, password: String = "guess", _ address: (Int) -> String
    ) async -> [Outcome] {
        var outcomes: [Outcome] = []
        for number in 0..<count {
            outcomes.append(
                await fixture.attempt(
                    password, email: "user-\(number)@example.com", address: address(number)))
        }
        return outcomes
    }

    @Test func `Guessing one password at many accounts throttles the client address`() async throws
    {
        try await fixture.register()
        let outcomes = await spray(8) { _ in "192.0.2.1" }
        #expect(outcomes.prefix(5).allSatisfy { $0 == .wrong })
        #expect(outcomes.suffix(3).allSatisfy { $0 == .throttled(.seconds(1)) })
        let cost = await fixture.cost {
            #expect(await fixture.attempt(address: "192.0.2.1") == .throttled(.seconds(1)))
        }
        #expect(cost == [0, 0])
        #expect(await fixture.attempt(address: "192.0.2.2") == .accepted)
        #expect(await fixture.attempt() == .accepted)
    }

    @Test func `All addresses of an IPv6 /64 count as one network`() async throws {
        let outcomes = await spray(12) { "2001:db8:1:2:\($0):\($0 * 7):3:4" }
        #expect(outcomes.filter { $0 == .wrong }.count == 5)
        #expect(outcomes.suffix(7).allSatisfy { $0.isThrottled })
        #expect(await fixture.attempt(address: "2001:db8:1:3::1") == .wrong)
    }

    @Test func `An account guessed at from changing addresses of a /64 stays throttled`()
        async throws
    {
        try await fixture.register()
        for number in 0..<5 {
            #expect(
                await fixture.attempt("guess-\(number)", address: "2001:db8::\(number)") == .wrong)
        }
        #expect(await fixture.attempt(address: "2001:db8::ffff") == .throttled(.seconds(1)))
        #expect(await fixture.attempt(address: "203.0.113.9") == .throttled(.seconds(1)))
    }

    @Test func `All forms of an IPv4 address are the same network`() throws {
        let plain = try #require(ClientNetwork("192.0.2.33"))
        for form in ["::ffff:192.0.2.33", "::FFFF:c000:221", "64:ff9b::192.0.2.33"] {
            #expect(ClientNetwork(form) == plain)
        }
        #expect(ClientNetwork("::192.0.2.33") != plain)
        for text in ["", "192.0.2", "192.0.2.33:80", "fe80::1%lo", "example.com", "1.2.3.4 "] {
            #expect(ClientNetwork(text) == nil)
        }
    }

    @Test func `A successful login removes only the user's own failures from the network's count`()
        async throws
    {
        try await fixture.register("ada@example.com")
        try await fixture.register("mallory@example.com")
        let address = "192.0.2.1"
        // An office where everybody mistypes and then logs in is not held up.
        for round in 0..<10 {
            #expect(await fixture.attempt("typo-\(round)", address: address) == .wrong)
            #expect(await fixture.attempt(address: address) == .accepted)
        }
        // Whoever has an account of his own gains nothing by logging in between.
        var wrong = 0
        for number in 0..<20 {
            let email = "victim-\(number)@example.com"
            if await fixture.attempt("guess", email: email, address: address) == .wrong {
                wrong += 1
            }
            _ = await fixture.attempt(email: "mallory@example.com", address: address)
        }
        #expect(wrong == 5)
    }

    @Test func `The failure count of a network decays over time`() async throws {
        #expect(await spray(6) { _ in "192.0.2.1" }.last == .throttled(.seconds(1)))
        fixture.clock.advance(by: .seconds(900 * 3))
        let later = await spray(5, password: "another") { _ in "192.0.2.1" }
        #expect(later.prefix(3).allSatisfy { $0 == .wrong })
        #expect(later.suffix(2).allSatisfy { $0.isThrottled })
    }

    @Test func `A successful login elsewhere does not reset the count of a guessing address`()
        async throws
    {
        try await fixture.register()
        _ = await fixture.guess(5, address: "192.0.2.1")
        fixture.clock.advance(by: .seconds(1))
        #expect(await fixture.attempt(address: "198.51.100.1") == .accepted)
        #expect(await fixture.guess(2, address: "192.0.2.1", from: 50)[1].isThrottled)
    }
}
