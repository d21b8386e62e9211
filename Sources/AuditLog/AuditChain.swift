/// The state of a log's chain: what the next line must continue.
///
/// Line: `{"seq":N,"log":"ID","time":"…","event":"…",…,"prev":"CODE","mac":"CODE"}`, where `mac`
/// is the keyed code of everything before `,"mac"`, and `prev` the `mac` of the line before.
struct AuditChain: Sendable, Equatable {
    /// 16 hexadecimal digits, random, made when the log began; distinguishes logs under one key.
    let log: String
    /// The number of the last line; 0 before the first.
    private(set) var sequence: UInt64
    /// The `mac` of the last line.
    private(set) var code: String

    /// `prev` of a log's first line.
    static let start = String(repeating: "0", count: AuditKey.codeDigitCount)

    /// Bytes that are enough for most lines.
    private static let usualByteCount = 768

    /// A new log.
    init(log: String) {
        self.init(log: log, sequence: 0, code: AuditChain.start)
    }

    init(log: String, sequence: UInt64, code: String) {
        self.log = log
        self.sequence = sequence
        self.code = code
    }

    /// The line of `record`, with a line feed, which becomes the last one.
    mutating func seal(_ record: AuditRecord, _ key: AuditKey) -> [UInt8] {
        sequence += 1
        var line: [UInt8] = []
        line.reserveCapacity(AuditChain.usualByteCount)
        for part in [
            "{\"seq\":", String(sequence), ",\"log\":\"", log, "\",\"time\":\"", record.time,
        ] {
            line.append(contentsOf: part.utf8)
        }
        line.append(contentsOf: "\",\"event\":".utf8)
        AuditRecord.append(record.event, to: &line)
        record.appendFields(to: &line)
        for part in [",\"prev\":\"", code, "\""] { line.append(contentsOf: part.utf8) }
        code = key.code(for: line)
        for part in [",\"mac\":\"", code, "\"}\n"] { line.append(contentsOf: part.utf8) }
        return line
    }
}
