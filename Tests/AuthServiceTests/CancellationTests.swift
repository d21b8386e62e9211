import AuthCore
import AuthMessages
import AuthService
import Storage
import TTRPC
import TestSupport
import Testing

/// What is made of a call whose caller went away while the store worked on it.
struct CancellationTests {
    /// A store that never gets to it in time.
    private struct SlowStore: ForwardingStore {
        let store: any EntityStore = MemoryStore()
        let slow: StoreCall

        func before(_ call: StoreCall) async throws(StoreError) {
            if call == slow { throw .cancelled }
        }
    }

    /// `AuditList` records an issue for each fault.
    @Test
    func `A caller who gives up on a write is not reported as a fault of the store`() async throws {
        let service = try ServiceFixture(store: SlowStore(slow: .transact))
        var request = RegisterRequest()
        request.email = "ada@example.com"
        request.password = AuthenticatorFixture.password
        #expect(try await service.refusal("Register", request) == (.cancelled, "CANCELLED"))
        #expect(service.audit.events.map(\.refusal) == [.cancelled])
    }

    @Test
    func `A caller who gives up on a read is not reported as a fault of the store`() async throws {
        let service = try ServiceFixture(store: SlowStore(slow: .get))
        var request = LoginRequest()
        request.email = "ada@example.com"
        request.password = AuthenticatorFixture.password
        #expect(try await service.refusal("Login", request) == (.cancelled, "CANCELLED"))
        #expect(service.audit.events.map(\.refusal) == [.cancelled])
    }

    /// `Refresh` reads and writes in one step, with its own mapping of errors.
    @Test
    func `A caller who gives up on a refresh is not reported as a fault of the store`()
        async throws
    {
        let tokens = try await AuthenticatorFixture().login()
        let service = try ServiceFixture(store: SlowStore(slow: .get))
        var request = RefreshRequest()
        request.refreshToken = tokens.refresh
        #expect(try await service.refusal("Refresh", request) == (.cancelled, "CANCELLED"))
    }
}
