import Foundation

/// A directory of mode 0700, removed with everything in it when the test lets go of it. Its path is
/// short enough for a Unix socket.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        path = "/tmp/authd-\(UUID().uuidString.prefix(13))"
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o700])
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    func path(of name: String) -> String { "\(path)/\(name)" }
}
