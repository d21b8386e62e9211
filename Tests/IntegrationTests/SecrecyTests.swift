import AuthMessages
import Bytes
import Foundation
import ProtobufCodec
import TTRPC
import TestSupport
import Testing
import Transport

extension IntegrationTests {
    /// What an attacker may learn from answers, from time and from the log.
    struct SecrecyTests {
        private static let known = "known@example.org"
        private static let unknown = "unknown@example.org"
        private static let password = "copper-anvil-58-tide"
        /// Longer than bcrypt takes by itself.
        private static let long = String(repeating: "long-and-winding-", count: 7)

        @Test
        func `An unknown email and a wrong password get byte-identical responses`() async throws {
            try await withDaemon { home, _, client in
                try await client.register(SecrecyTests.known, SecrecyTests.password)
                var answers: [[UInt8]] = []
                for email in [SecrecyTests.known, SecrecyTests.unknown] {
                    for password in ["wrong-anvil-58-tide", SecrecyTests.long, "", "é\u{301}"] {
                        let frame = RawFrame.request(
                            "Login", try LoginRequest(email, password).encoded(), streamID: 1)
                        let answer = try await offPool {
                            let connection = try home.rawConnection()
                            try connection.send(frame)
                            return try connection.receive()
                        }
                        let data = try #require(answer).data
                        #expect(try #require(answer).refusal()?.reason == .invalidCredentials)
                        answers.append(data)
                    }
                }
                #expect(Set(answers).count == 1)
            }
        }

        @Test
        func `An unknown email and a wrong password take the same time`() async throws {
            // A build for debugging takes up to 0.6 ms to decode an account, which there is nothing
            // of for an unknown address: little beside a hash of this cost.
            try await withDaemon(["AUTHD_BCRYPT_COST": "10"]) { _, _, client in
                let longKnown = "long@example.org"
                try await client.register(SecrecyTests.known, SecrecyTests.password)
                try await client.register(longKnown, SecrecyTests.long)
                // A hash of a lower cost; one of bcrypt's published vectors.
                var older = ImportUserRequest()
                older.email = "older@example.org"
                older.passwordHash = SecretBytes(
                    utf8: "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW")
                _ = try await client.call(
                    "ImportUser", older, as: ImportUserResponse.self,
                    service: "authd.v1.AdminService")
                let wrong = "wrong-anvil-58-tide"
                let cases = [
                    "right": (SecrecyTests.known, SecrecyTests.password),
                    "known, short": (SecrecyTests.known, wrong),
                    "older, short": (older.email, wrong),
                    "unknown, short": (SecrecyTests.unknown, wrong),
                    "known, long": (SecrecyTests.known, SecrecyTests.long + "x"),
                    "unknown, long": (SecrecyTests.unknown, SecrecyTests.long + "x"),
                    "long known, long": (longKnown, SecrecyTests.long + "x"),
                ]
                let times = try await SecrecyTests.times(of: cases, 60, client)
                let right = try #require(times["right"])
                for length in ["short", "long"] {
                    let unknown = try #require(times["unknown, \(length)"])
                    for name in ["known", "long known", "older"] {
                        guard let known = times["\(name), \(length)"] else { continue }
                        let seen: Comment = """
                            \(name), \(length): \(known) ms, unknown: \(unknown) ms, \
                            AUC \(known.chanceOfExceeding(unknown))
                            """
                        let difference = abs(known.median - unknown.median)
                        #expect(difference <= 0.2 * min(known.median, unknown.median) + 1, seen)
                        // Equal but for the millisecond that is granted to the build.
                        #expect(known.shifted(by: -1).chanceOfExceeding(unknown) <= 0.7, seen)
                        #expect(known.shifted(by: 1).chanceOfExceeding(unknown) >= 0.3, seen)
                        // Both did the work; two refusals without it would be alike, too.
                        #expect(known.median >= 0.5 * right.median, seen)
                        #expect(unknown.median >= 0.5 * right.median, seen)
                    }
                }
            }
        }

        @Test
        func `The duration of a refused login does not reveal how many sessions the user has`()
            async throws
        {
            // The cheapest hash hides the least.
            try await withDaemon(["AUTHD_BCRYPT_COST": "4"]) { _, _, client in
                let idle = "idle@example.org"
                try await client.register(SecrecyTests.known, SecrecyTests.password)
                try await client.register(idle, SecrecyTests.password)
                for _ in 0..<80 {
                    _ = try await client.login(SecrecyTests.known, SecrecyTests.password)
                }
                let wrong = "wrong-anvil-58-tide"
                let cases = ["busy": (SecrecyTests.known, wrong), "idle": (idle, wrong)]
                let times = try await SecrecyTests.times(of: cases, 100, client)
                let busy = try #require(times["busy"])
                let none = try #require(times["idle"])
                let chance = busy.chanceOfExceeding(none)
                #expect((0.3...0.7).contains(chance), "busy: \(busy) ms, idle: \(none) ms")
            }
        }

        @Test
        func `The trace-level log of accepted and refused calls contains no passwords or tokens`()
            async throws
        {
            try await withDaemon(["AUTHD_LOG_LEVEL": "trace"]) { home, _, client in
                let userID = try await SecrecyTests.callEverything(client)
                #expect(home.secrets.count > 10)
                // The search does find what is there: the log tells whose calls they were.
                let identifiers = SecretLedger()
                identifiers.note(password: userID)
                #expect(identifiers.leaks(in: try home.log()) == [userID])
            }
        }

        /// Calls that succeed and calls that are refused; the user's identifier.
        private static func callEverything(_ client: TestClient) async throws -> String {
            let first = "basalt-orchid-14-kite"
            let second = "cobalt-orchid-15-kite"
            let registered = try await client.register(known, first)
            let login = try await client.login(known, first)
            let old = try await client.refresh(login.refresh)
            let new = try await client.refresh(old.refresh)
            let refusals: [@Sendable () async throws -> Void] = [
                { try await client.register(known, second) },
                { _ = try await client.login(known, second) },
                // Tokens and passwords where they don't belong.
                { try await client.verify(new.refresh) },
                { _ = try await client.refresh(new.access) },
                { _ = try await client.login(text(of: new.access), first) },
                { try await client.register(second, first) },
                { try await client.register("b@example.org", "short") },
                { _ = try await client.refresh(login.refresh) },
                { _ = try await client.sessions(new.access) },
            ]
            for refusal in refusals {
                _ = try await reason(refusal)
            }
            let last = try await client.login(known, first)
            try await client.changePassword(last.access, from: first, to: second)
            try await client.logout(last.access, all: true)
            return registered.userID
        }

        /// Milliseconds of each case, taken in turn, in another order each time.
        private static func times(
            of cases: [String: (String, String)], _ count: Int, _ client: TestClient
        ) async throws -> [String: Sample] {
            var generator = SeededRandom(seed: 3)
            var times: [String: [Double]] = [:]
            for round in 0..<count + 3 {
                for (name, (email, password)) in cases.shuffled(using: &generator) {
                    let begin = ContinuousClock.now
                    _ = try await outcome {
                        try await client.login(email, password)
                    }
                    // The first ones warm up.
                    guard round >= 3 else { continue }
                    times[name, default: []].append(milliseconds(since: begin))
                }
            }
            return times.mapValues(Sample.init)
        }
    }
}
