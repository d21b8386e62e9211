import AuthMessages
import Bytes
import TTRPC
import Testing
import Transport

extension IntegrationTests {
    struct RaceTests {
        private static let email = "race@example.org"
        private static let password = "meadow-piston-27-lark"

        @Test
        func `Of 32 registrations of one address at once exactly one wins`() async throws {
            try await withDaemon { home, _, client in
                let clients = try (0..<8).map { _ in try home.client() }
                let attempts = try await RaceTests.together(32) { index in
                    let password = "\(RaceTests.password)-\(index)"
                    return try await outcome {
                        try await clients[index % 8].register(RaceTests.email, password).userID
                    }
                }
                for client in clients { await client.close() }
                let winners = attempts.indices.filter { (try? attempts[$0].get()) != nil }
                let reasons = attempts.compactMap { attempt -> ErrorReason? in
                    guard case .failure(let error) = attempt else { return nil }
                    return error.reason
                }
                let winner = try #require(winners.first)
                #expect(winners.count == 1)
                #expect(reasons == Array(repeating: .emailTaken, count: 31))
                let login = try await client.login(
                    RaceTests.email, "\(RaceTests.password)-\(winner)")
                #expect(login.userID == (try attempts[winner].get()))
                let loser = "\(RaceTests.password)-\(winner == 0 ? 1 : 0)"
                #expect(
                    try await reason { try await client.login(RaceTests.email, loser) }
                        == .invalidCredentials)
            }
        }

        @Test
        func `Fifty concurrent refreshes get one successor, and reuse ends the session`()
            async throws
        {
            try await withDaemon(["AUTHD_SESSION_CACHE_SECONDS": "0"]) { home, _, client in
                try await client.register(RaceTests.email, RaceTests.password)
                let late = try await client.login(RaceTests.email, RaceTests.password)
                let login = try await client.login(RaceTests.email, RaceTests.password)
                let lateSuccessor = try await client.refresh(late.refresh)
                let clients = try (0..<10).map { _ in try home.client() }
                let renewed = try await RaceTests.together(50) { index in
                    try await clients[index % 10].refresh(login.refresh)
                }
                for client in clients { await client.close() }
                #expect(Set(renewed.map { text(of: $0.refresh) }).count == 1)
                let second = renewed[0]
                #expect(second.refresh != login.refresh)
                for one in renewed { try await client.verify(one.access) }

                // Two generations old: a copy, at whatever time.
                let third = try await client.refresh(second.refresh)
                #expect(
                    try await reason { try await client.refresh(login.refresh) } == .refreshReused)
                #expect(
                    try await reason { try await client.refresh(third.refresh) } == .tokenRevoked)
                #expect(try await reason { try await client.verify(third.access) } == .tokenRevoked)

                // One generation old: a retry for ten seconds, a copy after that.
                let refusal = try await eventually(
                    "the end of the grace period", within: .seconds(20), every: .milliseconds(200)
                ) { () -> RPCError? in
                    let attempt = try await outcome {
                        try await client.refresh(late.refresh)
                    }
                    switch attempt {
                    case .success(let again):
                        #expect(again.refresh == lateSuccessor.refresh)
                        return nil
                    case .failure(let error): return error
                    }
                }
                #expect(refusal.reason == .refreshReused)
                #expect(
                    try await reason { try await client.refresh(lateSuccessor.refresh) }
                        == .tokenRevoked)
            }
        }

        @Test
        func `No session created with the old password survives a password change`() async throws {
            try await withDaemon([
                "AUTHD_SESSION_CACHE_SECONDS": "0", "AUTHD_HASH_QUEUE_MAX": "64",
            ]) { home, _, client in
                let rival = try home.client()
                var made = 0
                var refused = 0
                for round in 0..<20 {
                    let counts = try await RaceTests.race(round, client, rival)
                    made += counts.made
                    refused += counts.refused
                }
                await rival.close()
                // Without both there was no race.
                #expect(made > 0)
                #expect(refused > 0)
            }
        }

        /// One change of password against logins and refreshes; how many of these came before it
        /// and how many after.
        private static func race(
            _ round: Int, _ client: TestClient, _ rival: TestClient
        ) async throws -> (made: Int, refused: Int) {
            let email = "race-\(round)@example.org"
            let (old, new) = ("\(password)-old", "\(password)-new")
            try await client.register(email, old)
            let own = try await client.login(email, old)
            let others = try await together(4) { _ in try await rival.login(email, old) }
            async let changed: Void = client.changePassword(own.access, from: old, to: new)
            let attempts = try await together(16) { index in
                try await outcome {
                    if index % 2 == 0 { return try await rival.login(email, old) }
                    return try await rival.refresh(others[index / 2 % 4].refresh)
                }
            }
            try await changed
            var made = others
            for attempt in attempts {
                switch attempt {
                case .success(let login): made.append(login)
                case .failure(let error):
                    let expected: [ErrorReason] = [.invalidCredentials, .tokenRevoked]
                    #expect(error.reason.map(expected.contains) == true, "\(error)")
                }
            }
            for login in made {
                #expect(try await reason { try await rival.verify(login.access) } == .tokenRevoked)
                #expect(
                    try await reason { try await rival.refresh(login.refresh) } == .tokenRevoked)
            }
            #expect(try await reason { try await rival.login(email, old) } == .invalidCredentials)
            try await client.verify(own.access)
            let last = try await client.login(email, new)
            #expect(try await client.sessions(last.access).count == 2)
            return (made.count - others.count, attempts.count - (made.count - others.count))
        }

        /// Runs `body` so many times at once; the results in order.
        private static func together<Value: Sendable>(
            _ count: Int, _ body: @escaping @Sendable (Int) async throws -> Value
        ) async throws -> [Value] {
            try await withThrowingTaskGroup(of: (Int, Value).self) { group in
                for index in 0..<count {
                    group.addTask { (index, try await body(index)) }
                }
                var results: [(Int, Value)] = []
                for try await result in group { results.append(result) }
                return results.sorted { $0.0 < $1.0 }.map(\.1)
            }
        }
    }
}
