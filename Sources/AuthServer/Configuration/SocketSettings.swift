package import Glibc

/// Where the daemon listens, and who may open its Unix sockets.
package struct SocketSettings: Sendable {
    /// At least one, none twice, at most 16.
    package let listen: [ListenAddress]
    /// The administrators' own socket, a Unix one or the service manager's, and not in `listen`.
    package let adminListen: ListenAddress?
    /// The mode of Unix sockets.
    package let mode: mode_t
    /// The owner of Unix sockets; nil keeps the daemon's user.
    package let owner: uid_t?
    /// The group of Unix sockets; nil keeps the daemon's group.
    package let group: gid_t?
    /// Sentences for the log.
    let advice: [String]

    /// Whether one of the addresses uses TLS.
    var hasTLS: Bool { listen.contains { $0.isTLS } }

    private static let addressesMax = 16

    init(
        _ reader: inout SettingReader, paths: DefaultPaths, stateDirectory: String, host: HostFacts
    ) throws(ConfigurationError) {
        let usual = "unix:" + paths.socket(stateDirectory: stateDirectory)
        listen = try reader.value(.listen, default: usual) { text throws(SettingProblem) in
            var addresses: [ListenAddress] = []
            for item in try SettingReader.list(text, countMax: SocketSettings.addressesMax) {
                let address = try ListenAddress(item, host: host)
                guard !addresses.contains(where: address.isSameSocket) else {
                    throw SettingProblem("has \(LineText.quoted(item, bytesMax: 200)) twice")
                }
                addresses.append(address)
            }
            return addresses
        }
        let others = listen
        adminListen = try reader.optional(.adminListen) { text throws(SettingProblem) in
            let address = try ListenAddress(text, host: host)
            switch address {
            case .socket where address.makesFile, .systemd(_, isTLS: false): break
            case .socket, .systemd(_, isTLS: true): throw .notAllowed
            }
            guard !others.contains(where: address.isSameSocket) else {
                throw SettingProblem("is also in AUTHD_LISTEN")
            }
            return address
        }
        _ = try reader.value(.clientSocket, default: usual) { text throws(SettingProblem) in
            let address = try ListenAddress(text, host: host)
            if case .systemd = address { throw .notAllowed }
            return address
        }
        mode = try reader.value(.socketMode) { text throws(SettingProblem) in
            // Without the owner's bits the daemon's own health checks could not connect.
            guard let mode = OctalMode.parse(text), mode & 0o7000 == 0, mode & 0o600 == 0o600
            else { throw .notAllowed }
            return mode
        }
        owner = try reader.optional(.socketOwner) { text throws(SettingProblem) in
            guard let id = AccountNames.user(text) else {
                throw SettingProblem("is not a user: \(LineText.quoted(text, bytesMax: 100))")
            }
            return id
        }
        group = try reader.optional(.socketGroup) { text throws(SettingProblem) in
            guard let id = AccountNames.group(text) else {
                throw SettingProblem("is not a group: \(LineText.quoted(text, bytesMax: 100))")
            }
            return id
        }
        advice = listen.contains { $0.makesFile } ? [] : try SocketSettings.unused(reader)
    }

    /// A line for each socket file setting that is set although no file is created.
    private static func unused(_ reader: SettingReader) throws(ConfigurationError) -> [String] {
        var lines: [String] = []
        for setting in [Setting.socketMode, .socketOwner, .socketGroup]
        where try reader.given(setting) != nil {
            lines.append(
                "\(setting.name) is set, but AUTHD_LISTEN has no unix: address; the socket files of"
                    + " systemd: belong to their units")
        }
        return lines
    }
}
