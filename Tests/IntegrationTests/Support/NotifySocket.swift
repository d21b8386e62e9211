import Glibc

/// The end of a service manager where the daemon says how it is.
final class NotifySocket: Sendable {
    private let descriptor: Int32

    /// Makes the socket `path`.
    init(path: String) throws {
        descriptor = try UnixSocket.make(SOCK_DGRAM, path, "bind") { bind($0, $1, $2) }
    }

    deinit { close(descriptor) }

    /// The first line of the next message, other than signs of life.
    func next() async throws -> String {
        while true {
            let message = try await eventually("a message of the daemon", within: .seconds(20)) {
                received()
            }
            if message != "WATCHDOG=1" { return String(message.prefix { $0 != "\n" }) }
        }
    }

    /// Returns after so many signs of life.
    func waitForLives(_ count: Int) async throws {
        for _ in 0..<count {
            let message = try await eventually("a sign of life", within: .seconds(20)) {
                received()
            }
            guard message == "WATCHDOG=1" else { throw TestFailure("not expected: \(message)") }
        }
    }

    private func received() -> String? {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
        return count < 0 ? nil : String(decoding: bytes.prefix(count), as: UTF8.self)
    }
}
