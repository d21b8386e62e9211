import Foundation

/// A directory of mode 0700, removed with everything in it when the test lets go of it. Its path is
/// short enough for a Unix socket.
package final class TemporaryDirectory: Sendable {
    package let path: String

    /// - Throws: when it can't be made.
    package init() throws {
        path = "/tmp/authd-\(UUID().uuidString.prefix(13))"
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o700])
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// The path of a file in it.
    package func path(of name: String) -> String { "\(path)/\(name)" }
}
