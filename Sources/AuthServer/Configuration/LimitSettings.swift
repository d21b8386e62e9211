/// How much of the daemon callers may use.
package struct LimitSettings: Sendable {
    /// Open connections in all.
    package let connectionsMax: Int
    /// Open connections per user id; at most `connectionsMax`.
    package let connectionsPerUIDMax: Int
    /// Requests of one connection that are processed at once.
    package let connectionRequestsMax: Int
    /// The longest request, in bytes.
    package let requestBytesMax: Int
    /// How long a peer may stay in the middle of a frame or leave answers unread, in seconds.
    package let stallSeconds: Int
    /// Event loops.
    package let eventLoops: Int

    private static let perUIDUsual = 1024

    init(_ reader: inout SettingReader, host: HostFacts) throws(ConfigurationError) {
        connectionsMax = try reader.integer(.connectionsMax)
        connectionsPerUIDMax = try reader.integer(
            .connectionsPerUIDMax, default: min(LimitSettings.perUIDUsual, connectionsMax))
        if connectionsPerUIDMax > connectionsMax {
            throw .invalidValue(
                name: Setting.connectionsPerUIDMax.name,
                source: try reader.given(.connectionsPerUIDMax)?.source ?? .builtIn,
                problem: "\(connectionsPerUIDMax) is more than AUTHD_CONNECTIONS_MAX",
                allowed: "1 to \(connectionsMax)")
        }
        connectionRequestsMax = try reader.integer(.connectionRequestsMax)
        requestBytesMax = try reader.integer(.requestBytesMax)
        stallSeconds = try reader.integer(.stallSeconds)
        eventLoops = try reader.integer(.eventLoops, default: min(16, max(1, host.cores / 2)))
    }
}
