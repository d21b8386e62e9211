import AuditLog
import AuthCore
import AuthService
import DispatchBridge
import Glibc
import Storage
import Transport

/// The daemon's metrics for a monitoring system, collected on request.
struct ServerMetrics: Sendable {
    let version: String
    let store: String
    let startedAt: Timestamp
    let calls: CallMetrics
    let hashing: WorkerPool
    let bcryptRuns: RunCounter
    let audit: AuditWriter
    /// Nil without a TLS address.
    let tls: TLSCredentials?

    /// In Prometheus text format.
    ///
    /// - Parameter servers: their numbers, by who connects there; at least one, all of the same
    ///   services.
    /// - Returns: all metrics, 15 to 75 KB.
    func text(_ servers: [(peers: String, counters: ServerCounters)]) -> String {
        var text = MetricsText()
        text.family("authd_build_info", .gauge, "The release and its store; always 1.")
        text.sample("authd_build_info", [("version", version), ("store", store)], 1)
        process(&text)
        connections(&text, servers)
        var answersAtOnce = servers[0].counters.answersAtOnce
        for (_, counters) in servers.dropFirst() {
            for (index, count) in counters.answersAtOnce.enumerated() {
                answersAtOnce[index] += count
            }
        }
        calls.write(to: &text, answersAtOnce: answersAtOnce)
        text.single(
            "authd_hash_queue_depth", .gauge, "Passwords waiting for a thread.",
            hashing.queueDepth)
        text.single(
            "authd_hash_queue_max", .gauge, "How many may wait before logins are refused.",
            hashing.queueCountMax)
        text.single(
            "authd_hash_threads", .gauge, "Maximum number of passwords hashed at once.",
            hashing.threadCount)
        text.single(
            "authd_password_hash_runs_total", .counter,
            "Runs of bcrypt, and of other systems' password hashes.", bcryptRuns.total)
        text.single(
            "authd_audit_events_lost_total", .counter,
            "Audit events for which there was no room.", audit.lostCount)
        text.single(
            "authd_audit_healthy", .gauge, "Whether the audit log is being written: 1 or 0.",
            audit.isHealthy ? 1 : 0)
        if let left = tls?.current.certificateSecondsLeft {
            text.single(
                "authd_tls_certificate_expiry_timestamp_seconds", .gauge,
                "When the TLS certificate expires, in Unix time.",
                SystemClock.now.seconds + Int64(left))
        }
        return text.text
    }

    /// Not with the names that Prometheus's own libraries use: whatever passes this text on, such
    /// as the node exporter, has its own metrics with those.
    private func process(_ text: inout MetricsText) {
        text.single(
            "authd_process_start_time_seconds", .gauge, "When the daemon started, in Unix time.",
            startedAt.seconds)
        var usage = rusage()
        if getrusage(RUSAGE_SELF.rawValue, &usage) == 0 {
            let microseconds =
                (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1_000_000
                + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec
            text.single(
                "authd_process_cpu_seconds_total", .counter, "Processor time, of all threads.",
                Double(microseconds) / 1e6)
        }
        if let bytes = ResidentMemory.byteCount {
            text.single(
                "authd_process_resident_memory_bytes", .gauge, "Memory resident in RAM.", bytes)
        }
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            text.single(
                "authd_process_max_fds", .gauge, "Descriptors that may be open.", limit.rlim_cur)
        }
    }

    private func connections(
        _ text: inout MetricsText, _ servers: [(peers: String, counters: ServerCounters)]
    ) {
        func family(
            _ name: String, _ kind: MetricsText.Kind, _ help: String,
            _ value: (ServerCounters) -> UInt64
        ) {
            text.family(name, kind, help)
            for (peers, counters) in servers {
                text.sample(name, [("peers", peers)], value(counters))
            }
        }
        family("authd_connections", .gauge, "Connections open, or with calls still running.") {
            UInt64($0.connections)
        }
        family("authd_connections_accepted_total", .counter, "Connections accepted.") {
            $0.connectionsAccepted
        }
        family(
            "authd_connections_refused_total", .counter, "Connections closed by a limit."
        ) { $0.connectionsRefused }
        family(
            "authd_requests_refused_total", .counter,
            "Requests refused before they reached a method: too large, malformed, unknown method."
        ) { $0.requestsRefused }
        guard tls != nil else { return }
        family("authd_tls_handshakes_failed_total", .counter, "TLS handshakes that failed.") {
            $0.handshakesFailed
        }
        family(
            "authd_tls_handshakes_refused_total", .counter, "TLS handshakes refused by a limit."
        ) { $0.handshakesRefused }
    }
}
