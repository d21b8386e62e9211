package import Logging

/// What is logged, and how.
package struct LogSettings: Sendable {
    /// The least severe level that is written.
    package let level: Logger.Level
    /// The form of the lines.
    package let format: LogFormat

    /// The words for levels.
    static let levels = Logger.Level.allCases.map(\.rawValue)

    init(_ reader: inout SettingReader) throws(ConfigurationError) {
        level = try reader.choice(.logLevel)
        format = try reader.choice(.logFormat)
    }
}
