import Foundation
import Synchronization
import Testing
import Transport

extension IntegrationTests {
    /// Many connections.
    struct ConnectionTests {
        @Test
        func `Ten thousand idle connections use little memory and do not disturb other clients`()
            async throws
        {
            try await withDaemon([
                "AUTHD_CONNECTIONS_MAX": "12000", "AUTHD_CONNECTIONS_PER_UID_MAX": "12000",
            ]) { home, process, client in
                let count = try ConnectionTests.raiseDescriptorLimit(to: 10_000)
                try await client.register("idle@example.org", "pebble-violin-82-dune")
                let login = try await client.login("idle@example.org", "pebble-violin-82-dune")
                let before = try process.residentBytes()
                let descriptorsBefore = try process.descriptorCount()

                let isOver = Atomic(false)
                let calls = Task {
                    var calls = 0
                    while !isOver.load(ordering: .relaxed) {
                        try await client.verify(login.access)
                        #expect(try await client.health())
                        calls += 2
                    }
                    return calls
                }
                let path = home.socketPath
                let crowd = try await offPool { try Crowd(count, path: path) }
                try await eventually("all are accepted", within: .seconds(30)) {
                    try process.descriptorCount() >= descriptorsBefore + count ? () : nil
                }
                _ = try await client.login("idle@example.org", "pebble-violin-82-dune")
                let cost = try process.residentBytes() - before
                #expect(cost < 80 << 20, "\(cost) bytes for \(count) connections")
                isOver.store(true, ordering: .relaxed)
                #expect(try await calls.value > 0)

                crowd.leave()
                try await eventually("all are gone", within: .seconds(30)) {
                    try process.descriptorCount() <= descriptorsBefore + 8 ? () : nil
                }
                _ = try await client.login("idle@example.org", "pebble-violin-82-dune")
            }
        }

        @Test func `Connections over the limit are closed at once until others are released`()
            async throws
        {
            try await withDaemon(["AUTHD_CONNECTIONS_MAX": "4"]) { home, _, client in
                #expect(try await client.health())
                let path = home.socketPath
                let crowd = try await offPool { try Crowd(3, path: path) }
                let refused = try await offPool {
                    let connection = try home.rawConnection()
                    try connection.send(RawFrame.health(streamID: 1))
                    return try connection.receive()
                }
                #expect(refused == nil)
                // Those that are in stay in.
                #expect(try await client.health())
                crowd.leave()
                try await eventually("a connection is served again") {
                    try await offPool {
                        let connection = try home.rawConnection()
                        try connection.send(RawFrame.health(streamID: 1))
                        return try connection.receive() == nil ? nil : ()
                    }
                }
            }
        }

        /// Lets this process open `wanted` descriptors and some more.
        ///
        /// - Returns: how many connections it may have, if the system allows fewer.
        private static func raiseDescriptorLimit(to wanted: Int) throws -> Int {
            var limit = rlimit()
            let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
            guard getrlimit(resource, &limit) == 0 else { throw SystemFailure("getrlimit") }
            let reserve = 1_000
            let possible = min(Int(clamping: limit.rlim_max), wanted + reserve)
            if limit.rlim_cur < rlim_t(possible) {
                limit.rlim_cur = rlim_t(possible)
                guard setrlimit(resource, &limit) == 0 else { throw SystemFailure("setrlimit") }
            }
            if possible < wanted + reserve {
                print("RLIMIT_NOFILE allows \(possible - reserve) connections only")
            }
            return possible - reserve
        }

        /// Connections that only connect.
        private final class Crowd: Sendable {
            private let descriptors: [Int32]

            init(_ count: Int, path: String) throws {
                descriptors = try (0..<count).map { _ in try RawConnection.connect(path) }
            }

            func leave() {
                for descriptor in descriptors { close(descriptor) }
            }
        }
    }
}
