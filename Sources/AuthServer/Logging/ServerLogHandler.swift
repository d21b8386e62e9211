package import Logging

/// The daemon's `LogHandler`: formats a line on the caller's thread and leaves it to a `LogOutput`.
package struct ServerLogHandler: LogHandler {
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?
    package var logLevel: Logger.Level

    private let format: LogFormat
    private let output: LogOutput
    private let now: @Sendable () -> Int64

    /// - Parameters:
    ///   - format: the form of the lines.
    ///   - level: the least severe level that is written.
    ///   - output: where they go.
    ///   - now: the time in milliseconds since 1970.
    package init(
        format: LogFormat, level: Logger.Level, output: LogOutput,
        now: @escaping @Sendable () -> Int64
    ) {
        self.format = format
        self.logLevel = level
        self.output = output
        self.now = now
    }

    /// As the other `init`, with the system's clock.
    package init(format: LogFormat, level: Logger.Level, output: LogOutput) {
        self.init(
            format: format, level: level, output: output, now: { UTCTime.nowMilliseconds() })
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes one line. The call's metadata wins over the provider's, and that over the handler's.
    package func log(event: LogEvent) {
        var all = metadata
        if let provided = metadataProvider?.get() {
            all.merge(provided) { _, new in new }
        }
        if let given = event.metadata {
            all.merge(given) { _, new in new }
        }
        if let error = event.error, all["error"] == nil {
            all["error"] = .string("\(error)")
        }
        output.write(
            format.line(
                time: now(), level: event.level, message: event.message.description,
                metadata: all))
    }
}
