import AuthServer
import Foundation
import Testing

/// The units in `systemd/` against the daemon.
struct ServiceUnitTests {
    private static let folder =
        #filePath.split(separator: "/").dropLast(3).reduce(into: "") { $0 += "/" + $1 } + "/systemd"

    /// The values of each key, over all sections.
    private func unit(_ name: String) throws -> [String: [String]] {
        let path = "\(ServiceUnitTests.folder)/\(name)"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        var values: [String: [String]] = [:]
        for line in text.split(separator: "\n") where !line.hasPrefix("#") && !line.hasPrefix("[") {
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            try #require(parts.count == 2, "\(line)")
            values[String(parts[0]), default: []].append(String(parts[1]))
        }
        return values
    }

    @Test func `The service unit's settings match the socket unit and its directories`() throws {
        let service = try unit("authd.service")
        let pairs = try #require(service["Environment"]).map {
            $0.split(separator: "=", maxSplits: 1).map { String($0) }
        }
        let settings = Dictionary(uniqueKeysWithValues: pairs.map { ($0[0], $0[1]) })
        let configuration = try load(settings)
        let socket = try unit("authd.socket")
        #expect(
            configuration.sockets.listen.map(\.description)
                == (socket["FileDescriptorName"] ?? []).map { "systemd:\($0)" })
        #expect(
            configuration.store.stateDirectory
                == "/var/lib/" + (service["StateDirectory"]?.first ?? ""))
        #expect(service["WorkingDirectory"] == ["/etc/authd"])
        #expect(service["ConfigurationDirectory"] == ["authd"])
    }

    /// What root's `authctl` asks, and what the daemon would make itself as root.
    @Test func `The socket unit listens where clients connect by default`() throws {
        let root = HostFacts(isRoot: true, cores: 2, currentDirectory: "/nonexistent")
        let usual = try load(host: root).sockets.listen.map(\.description)
        #expect(try unit("authd.socket")["ListenStream"]?.map { "unix:\($0)" } == usual)
    }

    /// `PrivateUsers=` hides the users of callers, and `PrivateNetwork=` the network.
    @Test func `The service unit does not hide callers from the daemon`() throws {
        let service = try unit("authd.service")
        for key in ["PrivateUsers", "PrivateNetwork"] { #expect(service[key] == nil) }
        #expect(service["Type"] == ["notify"])
    }
}
