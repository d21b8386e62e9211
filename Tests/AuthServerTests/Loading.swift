import AuthServer
import Testing

/// A machine that is not this one: not root, four cores, a directory without a `.env`.
let plainHost = HostFacts(isRoot: false, cores: 4, currentDirectory: "/nonexistent")

/// Environment enough for all defaults.
let plainEnvironment = ["HOME": "/home/ann", "XDG_RUNTIME_DIR": "/run/user/1000"]

/// Loads with `values` beside `plainEnvironment`.
func load(
    _ values: [String: String] = [:], options: [String: String] = [:], file: String? = nil,
    host: HostFacts = plainHost
) throws -> ServerConfiguration {
    try ServerConfiguration.load(
        options: options, environment: plainEnvironment.merging(values) { _, new in new },
        dotEnvPath: file, host: host)
}

/// The one line with which loading stops.
func refusal(
    _ values: [String: String] = [:], options: [String: String] = [:], file: String? = nil
) throws -> String {
    let error = try #require(throws: ConfigurationError.self) {
        _ = try load(values, options: options, file: file)
    }
    #expect(!error.description.contains("\n"))
    return error.description
}

/// The line of `--check-config` for one setting.
func shown(_ name: String, _ configuration: ServerConfiguration) -> String? {
    configuration.effectiveValues().first { $0.hasPrefix(name + "=") }
}
