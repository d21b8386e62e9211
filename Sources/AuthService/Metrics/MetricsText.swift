/// Writes metrics in Prometheus text format, version 0.0.4 (Exposition formats, Text-based format).
package struct MetricsText {
    /// The kind of a metric.
    package enum Kind: String {
        /// Only grows, from the daemon's start.
        case counter
        /// Goes up and down.
        case gauge
        /// Counts of values up to each of several bounds, their number and their sum.
        case histogram
    }

    /// What was written so far.
    package private(set) var text = ""

    package init() {}

    /// Begins a metric; its samples come next.
    package mutating func family(_ name: String, _ kind: Kind, _ help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
    }

    /// Adds a sample.
    ///
    /// - Parameters:
    ///   - name: the metric's, ours.
    ///   - labels: our own names; any values.
    ///   - value: the number.
    package mutating func sample(
        _ name: String, _ labels: [(String, String)], _ value: some Numeric
    ) {
        add(name, MetricsText.list(labels), value)
    }

    private mutating func add(_ name: String, _ labels: String, _ value: some Numeric) {
        text += labels.isEmpty ? "\(name) \(value)\n" : "\(name){\(labels)} \(value)\n"
    }

    /// Adds a metric of one sample.
    package mutating func single(
        _ name: String, _ kind: Kind, _ help: String, _ value: some Numeric
    ) {
        family(name, kind, help)
        sample(name, [], value)
    }

    /// Adds the samples of a histogram that has at least one label.
    mutating func histogram(
        _ name: String, _ labels: [(String, String)], _ snapshot: DurationHistogram.Snapshot
    ) {
        let labels = MetricsText.list(labels)
        for (bound, count) in zip(
            DurationHistogram.boundsMicroseconds, snapshot.cumulativeCounts)
        {
            add(name + "_bucket", "\(labels),le=\"\(Double(bound) / 1e6)\"", count)
        }
        add(name + "_bucket", "\(labels),le=\"+Inf\"", snapshot.count)
        add(name + "_sum", labels, Double(snapshot.sumNanoseconds) / 1e9)
        add(name + "_count", labels, snapshot.count)
    }

    private static func list(_ labels: [(String, String)]) -> String {
        labels.map { "\($0)=\"\(escaped($1))\"" }.joined(separator: ",")
    }

    private static func escaped(_ value: String) -> String {
        var escaped = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
