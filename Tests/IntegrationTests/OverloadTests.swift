import AuthMessages
import Bytes
import DispatchBridge
import Synchronization
import ProtobufCodec
import TTRPC
import Testing
import Transport

extension IntegrationTests {
    struct OverloadTests {
        private static let email = "busy@example.org"
        private static let password = "granite-kettle-64-plum"
        /// One thread, a short queue, and about 50 ms a hash. Without a disk, for which all who use
        /// the machine wait.
        private static let settings = [
            "AUTHD_HASH_THREADS": "1", "AUTHD_HASH_QUEUE_MAX": "2", "AUTHD_BCRYPT_COST": "10",
            "AUTHD_SESSION_CACHE_SECONDS": "0", "AUTHD_STORE": "memory",
        ]

        @Test
        func `A full hash queue refuses logins at once and leaves other calls fast`() async throws {
            try await withDaemon(OverloadTests.settings) { home, _, client in
                try await client.register(OverloadTests.email, OverloadTests.password)
                let login = try await client.login(OverloadTests.email, OverloadTests.password)
                for email in Load.emails {
                    try await client.register(email, OverloadTests.password)
                }
                let load = Load(try home.client())
                let running = Task { try await load.run() }
                try await eventually("the first refusal") { load.counts.refused > 0 ? () : nil }
                var times: [String: [Double]] = [:]
                var session = login
                for _ in 0..<60 {
                    var begin = ContinuousClock.now
                    try await client.verify(login.access)
                    times["VerifyToken", default: []].append(milliseconds(since: begin))
                    begin = .now
                    session = try await client.refresh(session.refresh)
                    times["Refresh", default: []].append(milliseconds(since: begin))
                    begin = .now
                    _ = try await client.health()
                    times["Health", default: []].append(milliseconds(since: begin))
                }
                load.stop()
                try await running.value
                let counts = load.counts
                for (method, values) in times {
                    let sample = Sample(values)
                    #expect(sample.quantile(0.95) < 100, "\(method): \(sample) ms")
                }
                #expect(counts.served > 0)
                #expect(counts.refused > 0)
                #expect(counts.retryDelays.allSatisfy { $0 > .zero })
                #expect(counts.retryDelays.count == counts.refused)
            }
        }

        @Test
        func `A call whose deadline passes in the hash queue fails with DEADLINE_EXCEEDED`()
            async throws
        {
            try await withDaemon(
                OverloadTests.settings.merging(["AUTHD_BCRYPT_COST": "13"]) { $1 }
            ) { home, _, client in
                // Unknown addresses cost a hash, too. The first runs for long, the second waits.
                let payload = try LoginRequest(OverloadTests.email, "a").encoded()
                let frames =
                    RawFrame.request("Login", payload, streamID: 1)
                    + RawFrame.request(
                        "Login", payload, streamID: 3, timeout: .milliseconds(50))
                let answers = try await offPool {
                    let connection = try home.rawConnection()
                    try connection.send(frames)
                    return [try connection.receive(), try connection.receive()]
                }
                let first = try #require(answers[0])
                #expect(first.header.streamID == 3)
                #expect(try first.refusal()?.code == .deadlineExceeded)
                let second = try #require(answers[1])
                #expect(second.header.streamID == 1)
                #expect(try second.refusal()?.reason == .invalidCredentials)
            }
        }

        private struct Counts: Sendable {
            var served = 0
            var refused = 0
            var retryDelays: [Duration] = []
        }

        /// Eight callers who never stop logging in: more than one thread and its queue take.
        private final class Load: Sendable {
            /// One for each caller: only five tries at one account are under way at once, and one
            /// core's lanes and the queue have room for six.
            static let emails = (0..<8).map { "busy-\($0)@example.org" }

            private let client: TestClient
            private let state = Mutex((counts: Counts(), isOver: false))

            init(_ client: TestClient) {
                self.client = client
            }

            var counts: Counts { state.withLock { $0.counts } }

            func stop() {
                state.withLock { $0.isOver = true }
            }

            func run() async throws {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for email in Load.emails {
                        group.addTask {
                            while !self.state.withLock({ $0.isOver }) {
                                try await self.login(email)
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                await client.close()
            }

            private func login(_ email: String) async throws {
                switch try await outcome({ try await client.login(email, password) }) {
                case .success: state.withLock { $0.counts.served += 1 }
                case .failure(let error):
                    guard error.reason == .overloaded, error.code == .resourceExhausted else {
                        throw error
                    }
                    state.withLock { state in
                        state.counts.refused += 1
                        state.counts.retryDelays += [error.retryDelay].compactMap { $0 }
                    }
                    // Not at once again, or this caller's own haste would be what is measured.
                    for _ in 0..<8 { _ = try await client.health() }
                }
            }
        }
    }
}
