import AuthCore
import Bytes
package import Storage
import Testing

/// What each RPC may ask of the store: the cost that the documentation promises, for any store.
package enum RoundTripCost {
    /// Runs every operation once on an empty store and expects its round trips.
    ///
    /// - Parameter store: empty; it may be reached by several daemons.
    /// - Throws: what an operation is refused with.
    package static func expectPromises(on store: any EntityStore) async throws {
        let counting = CountingStore(store)
        let fixture = try AuthenticatorFixture(store: counting, cacheLifetime: .seconds(3600))
        let cold = try AuthenticatorFixture(
            store: counting, clock: fixture.clock, cacheLifetime: .zero)
        try await expectAccountCosts(counting, fixture, cold)
        try await expectSessionCosts(counting, fixture)
        try await expectEndCosts(counting, fixture)
    }

    private static let context = RequestContext()
    private static let email = "ada@example.com"
    private static let wrong = SecretBytes(utf8: "not-the-password")

    private static func expectAccountCosts(
        _ store: CountingStore, _ fixture: AuthenticatorFixture, _ cold: AuthenticatorFixture
    ) async throws {
        let authenticator = fixture.authenticator
        let register = try await store.calls {
            _ = try await authenticator.register(
                email: email, password: AuthenticatorFixture.password, context: context)
        }
        #expect(register == [.transact])
        let login = try await store.calls { _ = try await fixture.loginAgain(email: email) }
        #expect(login == [.get, .transact])
        // The failure is written after the answer, which costs the same for every address.
        for (refused, expected) in [
            (email, [.get, .transact]), ("nobody@example.com", [CountingStore.Call.get]),
        ] {
            let calls = await store.calls {
                await expectRefusal("invalidCredentials") {
                    _ = try await fixture.loginAgain(email: refused, password: wrong)
                }
                await authenticator.storeFailures()
            }
            #expect(calls == expected)
        }
        let tokens = try await fixture.loginAgain(email: email)
        let refresh = try await store.calls {
            _ = try await authenticator.refresh(token: tokens.refresh, context: context)
        }
        #expect(refresh == [.get, .transact])
        let verify: [(AuthenticatorFixture, [CountingStore.Call])] = [
            (fixture, [.get]), (fixture, []), (cold, [.get]), (cold, [.get]),
        ]
        for (daemon, expected) in verify {
            let calls = try await store.calls {
                _ = try await daemon.authenticator.verifyToken(tokens.access, context: context)
            }
            #expect(calls == expected)
        }
    }

    private static func expectSessionCosts(
        _ store: CountingStore, _ fixture: AuthenticatorFixture
    ) async throws {
        let authenticator = fixture.authenticator
        let tokens = try await fixture.loginAgain(email: email)
        let other = try await fixture.loginAgain(email: email)
        let list = try await store.calls {
            _ = try await authenticator.sessions(accessToken: tokens.access, context: context)
        }
        #expect(list == [.query])
        let revoke = try await store.calls {
            try await authenticator.revokeSession(
                other.sessionID, accessToken: tokens.access, context: context)
        }
        #expect(revoke == [.get, .transact])
        _ = try await authenticator.verifyToken(tokens.access, context: context)
        let logout = try await store.calls {
            try await authenticator.logout(
                accessToken: tokens.access, allSessions: false, context: context)
        }
        #expect(logout == [.transact])
        let last = try await fixture.loginAgain(email: email)
        _ = try await authenticator.verifyToken(last.access, context: context)
        let logoutAll = try await store.calls {
            try await authenticator.logout(
                accessToken: last.access, allSessions: true, context: context)
        }
        #expect(logoutAll == [.get, .transact])
    }

    private static func expectEndCosts(
        _ store: CountingStore, _ fixture: AuthenticatorFixture
    ) async throws {
        let authenticator = fixture.authenticator
        let tokens = try await fixture.loginAgain(email: email)
        let new = SecretBytes(utf8: "another-long-passphrase-71")
        let change = try await store.calls {
            try await authenticator.changePassword(
                current: AuthenticatorFixture.password, new: new, accessToken: tokens.access,
                context: context)
        }
        #expect(change == [.get, .transact])
        let delete = try await store.calls {
            try await authenticator.deleteUser(
                password: new, accessToken: tokens.access, context: context)
        }
        #expect(delete == [.query, .transact])
        #expect(try await store.scan(after: nil, limit: 10).entities.isEmpty)
    }
}
