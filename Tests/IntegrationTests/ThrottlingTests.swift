import AuthMessages
import Bytes
import Glibc
import TTRPC
import Testing
import Transport

extension IntegrationTests {
    /// Guessing at the built daemon.
    struct ThrottlingTests {
        private static let email = "guessed@example.org"
        private static let password = "lantern-orchid-48-brook"
        private static let settings = ["AUTHD_BCRYPT_COST": "8", "AUTHD_HASH_QUEUE_MAX": "256"]

        private static func guess(
            _ client: TestClient, _ email: String, _ password: String, address: String? = nil
        ) async throws -> RPCError? {
            let attempt = try await outcome {
                try await client.login(
                    email, password,
                    saying: address.map { [MetadataPair(key: "x-client-address", value: $0)] } ?? []
                )
            }
            switch attempt {
            case .success: return nil
            case .failure(let refusal): return refusal
            }
        }

        @Test
        func `After five failures THROTTLED carries a retry delay, after which login succeeds`()
            async throws
        {
            try await withDaemon(ThrottlingTests.settings) { _, _, client in
                let (email, password) = (ThrottlingTests.email, ThrottlingTests.password)
                try await client.register(email, password)
                for number in 0..<5 {
                    let refusal = try await ThrottlingTests.guess(client, email, "guess-\(number)")
                    #expect(refusal?.reason == .invalidCredentials)
                    #expect(refusal?.retryDelay == nil)
                }
                let refusal = try #require(
                    try await ThrottlingTests.guess(client, email, password))
                #expect(refusal.code == .resourceExhausted)
                #expect(refusal.reason == .throttled)
                let delay = try #require(refusal.retryDelay)
                #expect(delay > .zero && delay <= .seconds(1))
                let began = ContinuousClock.now
                try await eventually("the end of the wait", within: .seconds(10)) {
                    try await ThrottlingTests.guess(client, email, password) == nil ? () : nil
                }
                #expect(ContinuousClock.now - began > delay - .milliseconds(100))
            }
        }

        @Test func `Unknown and known addresses are refused with the same bytes`() async throws {
            try await withDaemon(ThrottlingTests.settings) { _, _, client in
                try await client.register(ThrottlingTests.email, ThrottlingTests.password)
                var answers: [[RPCError]] = []
                for email in [ThrottlingTests.email, "nobody@example.org"] {
                    var refusals: [RPCError] = []
                    for number in 0..<7 {
                        let refusal = try await ThrottlingTests.guess(
                            client, email, "guess-\(number)")
                        refusals.append(try #require(refusal))
                    }
                    answers.append(refusals)
                }
                let (known, unknown) = (answers[0], answers[1])
                #expect(known.map(\.reason) == unknown.map(\.reason))
                #expect(known.map(\.code) == unknown.map(\.code))
                #expect(known.map(\.message) == unknown.map(\.message))
                #expect(known.last?.reason == .throttled)
                for refusals in answers {
                    let delay = try #require(refusals.last?.retryDelay)
                    #expect(delay > .zero && delay <= .seconds(1))
                }
                // The delay runs down and so differs; nothing else does.
                let fixed = answers.map { $0.map { $0.details.map(\.typeURL) } }
                #expect(fixed[0] == fixed[1])
                for (left, right) in zip(known.prefix(5), unknown.prefix(5)) {
                    #expect(left.details.map(\.value) == right.details.map(\.value))
                }
            }
        }

        @Test
        func `Of a hundred concurrent guesses five are hashed, even over a restart`()
            async throws
        {
            let home = try DaemonHome(ThrottlingTests.settings)
            let (email, password) = (ThrottlingTests.email, ThrottlingTests.password)
            let first = try await home.start()
            let client = try home.client()
            try await client.register(email, password)
            let refusals = try await withThrowingTaskGroup(of: RPCError?.self) { group in
                for number in 0..<100 {
                    group.addTask {
                        try await ThrottlingTests.guess(client, email, "guess-\(number)")
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(refusals.filter { $0?.reason == .invalidCredentials }.count == 5)
            #expect(refusals.filter { $0?.reason == .throttled }.count == 95)
            await client.close()
            first.signal(SIGTERM)
            #expect(try await first.exit(within: .seconds(40)) == .code(0))

            let second = try await home.start()
            let again = try home.client()
            let refusal = try await ThrottlingTests.guess(again, email, password)
            #expect(refusal?.reason == .throttled)
            await again.close()
            second.signal(SIGTERM)
            #expect(try await second.exit(within: .seconds(40)) == .code(0))
            try home.checkLog()
            let log = try home.log()
            #expect(log.contains("THROTTLED"), "refusals are in the audit log")
        }

        @Test func `Guessing at many accounts throttles the client's whole IPv6 /64`()
            async throws
        {
            try await withDaemon(ThrottlingTests.settings) { _, _, client in
                try await client.register(ThrottlingTests.email, ThrottlingTests.password)
                for number in 0..<5 {
                    let refusal = try await ThrottlingTests.guess(
                        client, "user-\(number)@example.org", "sesame-quarry-19-dome",
                        address: "2001:db8:7::\(number)")
                    #expect(refusal?.reason == .invalidCredentials)
                }
                let refusal = try await ThrottlingTests.guess(
                    client, ThrottlingTests.email, ThrottlingTests.password,
                    address: "2001:db8:7::ffff")
                #expect(refusal?.reason == .throttled)
                let other = try await ThrottlingTests.guess(
                    client, ThrottlingTests.email, ThrottlingTests.password,
                    address: "2001:db8:8::1")
                #expect(other == nil)
            }
        }
    }
}
