import Logging
import Synchronization

/// Keeps what is logged.
struct LineList: LogHandler {
    private final class Lines: Sendable {
        let texts = Mutex<[String]>([])
    }

    private let lines = Lines()
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .trace

    var texts: [String] { lines.texts.withLock { $0 } }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let text = "\(event.level) \(event.message) \(event.metadata ?? [:])"
        lines.texts.withLock { $0.append(text) }
    }
}
