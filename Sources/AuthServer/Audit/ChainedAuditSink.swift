import AuditLog
import AuthCore
import AuthMessages
import AuthService
import Logging
import TTRPC

/// Writes audit events to the audit log, and faults to the daemon's log.
final class ChainedAuditSink: AuditSink {
    private let writer: AuditWriter
    private let key: AuditKey
    private let failsClosed: Bool
    private let faults: FaultLog

    /// - Parameters:
    ///   - writer: of the audit log.
    ///   - key: for the pseudonyms of addresses.
    ///   - failsClosed: whether calls are only answered once their event is written.
    ///   - logger: for faults.
    init(_ writer: AuditWriter, key: AuditKey, failsClosed: Bool, logger: Logger) {
        self.writer = writer
        self.key = key
        self.failsClosed = failsClosed
        faults = FaultLog(logger)
    }

    func record(_ event: AuditEvent) {
        writer.record(line(of: event))
    }

    func recordBeforeAnswer(_ event: AuditEvent) async -> Bool {
        guard failsClosed else {
            record(event)
            return true
        }
        return await writer.written(line(of: event))
    }

    var refusesCalls: Bool { failsClosed && !writer.isHealthy }

    func fault(method: String, _ cause: String) {
        faults.failed(method, cause)
    }

    /// Makes the record of an event that happened now, on the writer's queue.
    private func line(of event: AuditEvent) -> AuditWriter.Event {
        let milliseconds = UTCTime.nowMilliseconds()
        return { self.record(of: event, at: milliseconds) }
    }

    private func record(of event: AuditEvent, at milliseconds: Int64) -> AuditRecord {
        var record = AuditRecord(
            time: UTCTime.text(milliseconds: milliseconds), event: event.method)
        record.add("service", ChainedAuditSink.shortName(event.service))
        record.add("outcome", ChainedAuditSink.outcome(event.refusal))
        record.add("reason", event.refusal?.rawValue)
        if let count = event.leftOut { record.add("left_out", .number(Int64(count))) }
        record.add("user_id", event.subject.userID)
        record.add("account", event.subject.partition.map { key.pseudonym(of: $0) })
        record.add("session_id", event.subject.sessionID)
        ChainedAuditSink.add(event.peer, to: &record)
        record.add("client_address", event.clientAddress)
        record.add("trace_id", event.traceParent.map { String($0.dropFirst(3).prefix(32)) })
        return record
    }

    /// What comes after the last dot.
    private static func shortName(_ service: String) -> String {
        guard let dot = service.utf8.lastIndex(of: UInt8(ascii: ".")) else { return service }
        return String(service[service.utf8.index(after: dot)...])
    }

    /// `failed` is what is not the caller's fault.
    private static func outcome(_ refusal: ErrorReason?) -> String {
        switch refusal {
        case nil: "granted"
        case .overloaded, .storeUnavailable, .conflict, .deadlineExceeded, .cancelled,
            .internalFault, .auditUnavailable:
            "failed"
        default: "refused"
        }
    }

    private static func add(_ peer: PeerIdentity, to record: inout AuditRecord) {
        switch peer {
        case .unix(let uid, let gid, let pid):
            record.add("uid", .number(Int64(uid)))
            record.add("gid", .number(Int64(gid)))
            record.add("pid", .number(Int64(pid)))
        case .tls(let address, let certificate):
            record.add("peer_address", address)
            record.add("certificate", certificate?.names.joined(separator: " "))
            record.add("certificate_sha256", certificate?.fingerprint)
        case .tcp(let address): record.add("peer_address", address)
        case .inProcess: record.add("peer", "authd")
        }
    }
}
