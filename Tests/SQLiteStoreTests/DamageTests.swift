import AuthCore
import Bytes
import DispatchBridge
import Foundation
import SQLiteStore
import Storage
import TestSupport
import Testing

/// Files in which a disk or a person changed some bytes. One at a time: other tests have deadlines.
@Suite(.serialized)
struct DamageTests {
    private static let partitions = 200

    private let directory: TemporaryDirectory
    private let path: String

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.path(of: "store.db")
    }

    @Test
    func `Damage anywhere in the file never crashes the store`() async throws {
        let store = try SQLiteStore(path: path)
        for number in 0..<Self.partitions {
            let key = Self.key(number)
            _ = try await store.transact(
                partition: key.partition,
                [.insert(key, ["v": .binary(Array(repeating: UInt8(number), count: 200))])])
        }
        await store.close()
        try await eachDamage(seed: 7, rounds: 80) { store in
            await Self.expectDamageOnly { () async throws(StoreError) in
                try await store.checkIntegrity()
            }
            await Self.expectDamageOnly { () async throws(StoreError) in
                _ = try await store.scan(after: nil, limit: 1_000)
            }
            for number in stride(from: 0, to: Self.partitions, by: 20) {
                let key = Self.key(number)
                await Self.expectDamageOnly { () async throws(StoreError) in
                    _ = try await store.get(key)
                }
                await Self.expectDamageOnly { () async throws(StoreError) in
                    do throws(StoreError) {
                        _ = try await store.transact(
                            partition: key.partition, [.delete(key, ifMatch: nil)])
                    } catch .notFound {
                        // The row, or the way to it, is gone.
                    }
                }
            }
        }
    }

    @Test
    func `Damage anywhere in the file never crashes logins, refreshes or listings`()
        async throws
    {
        let store = try SQLiteStore(path: path)
        let intact = try AuthenticatorFixture(store: store)
        var tokens: [IssuedTokens] = []
        for number in 0..<20 { tokens.append(try await intact.login(email: Self.email(number))) }
        await store.close()
        try await eachDamage(seed: 8, rounds: 24) { store in
            let fixture = try AuthenticatorFixture(store: store, clock: intact.clock)
            let context = RequestContext()
            for (number, pair) in tokens.enumerated() {
                await Self.expectRefusalOnly { () async throws(AuthError) in
                    _ = try await fixture.authenticator.refresh(
                        token: pair.refresh, context: context)
                }
                await Self.expectRefusalOnly { () async throws(AuthError) in
                    _ = try await fixture.authenticator.login(
                        email: Self.email(number), password: AuthenticatorFixture.password,
                        secondFactor: nil, context: context)
                }
                await Self.expectRefusalOnly { () async throws(AuthError) in
                    _ = try await fixture.authenticator.sessions(
                        accessToken: pair.access, context: context)
                }
            }
            await Self.expectRefusalOnly { () async throws(AuthError) in
                _ = try await fixture.authenticator.accounts(
                    after: nil, count: 100, context: context)
            }
            await fixture.pool.shutDown()
        }
    }

    private static func key(_ number: Int) -> EntityKey {
        EntityKey(partition: "p\(number)", row: "r")
    }

    private static func email(_ number: Int) -> String { "u\(number)@example.com" }

    /// Changes some bytes of the file, and cuts it off at times, over and over; calls `body` with
    /// each store that opens.
    private func eachDamage(
        seed: UInt64, rounds: Int, _ body: (SQLiteStore) async throws -> Void
    ) async throws {
        let file = URL(fileURLWithPath: path)
        let intact = try Data(contentsOf: file)
        var generator = SeededRandom(seed: seed)
        var openCount = 0
        for _ in 0..<rounds {
            var damaged = intact
            for _ in 0..<Int.random(in: 1...40, using: &generator) {
                let place = Int.random(in: 0..<damaged.count, using: &generator)
                damaged[place] = UInt8.random(in: 0...255, using: &generator)
            }
            if generator.next() % 4 == 0 {
                damaged.removeLast(Int.random(in: 1..<damaged.count, using: &generator))
            }
            try damaged.write(to: file)
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o600], ofItemAtPath: path)
            do {
                let store = try SQLiteStore(path: path)
                openCount += 1
                try await body(store)
                await store.close()
            } catch let error as StoreError {
                Self.expectDamage(error)
            }
            try? FileManager.default.removeItem(atPath: path + "-wal")
            try? FileManager.default.removeItem(atPath: path + "-shm")
        }
        #expect(openCount > rounds / 2, "a file that does not open shows little")
    }

    /// Runs `body`, which may fail by the file's damage.
    private static func expectDamageOnly(_ body: () async throws(StoreError) -> Void) async {
        do throws(StoreError) { try await body() } catch { expectDamage(error) }
    }

    private static func expectDamage(_ error: StoreError) {
        switch error {
        case .corrupt, .unavailable: ()
        default: Issue.record("\(error)")
        }
    }

    /// Runs `body`, which may be refused for what the damage made of the account, or fail by it.
    private static func expectRefusalOnly(_ body: () async throws(AuthError) -> Void) async {
        do throws(AuthError) {
            try await body()
        } catch {
            switch error {
            case .storeUnavailable(let cause): expectDamage(cause)
            case .invalidCredentials, .tokenRevoked, .tokenExpired, .refreshReused,
                .accountDisabled, .throttled, .internalFault:
                ()
            default: Issue.record("\(error)")
            }
        }
    }
}
