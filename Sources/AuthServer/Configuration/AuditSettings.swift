package import AuditLog

/// Where the audit log goes, and what happens if it can't be written.
package struct AuditSettings: Sendable {
    package let destination: AuditDestination
    /// Whether calls are only answered once their event is written.
    package let failsClosed: Bool

    init(_ reader: inout SettingReader, host: HostFacts) throws(ConfigurationError) {
        destination = try reader.value(.audit) { text throws(SettingProblem) in
            switch text {
            case "stderr": return .standardError
            case "journald": return .journal(AuditDestination.journalSocket)
            default: break
            }
            for (scheme, make) in AuditSettings.withPath where text.hasPrefix(scheme) {
                let path = String(text.dropFirst(scheme.count))
                guard !path.isEmpty, !path.hasSuffix("/") else { throw .notAllowed }
                return make(host.absolute(path))
            }
            throw .notAllowed
        }
        let word: String = try reader.value(.auditFailClosed) { text throws(SettingProblem) in
            guard ["true", "false"].contains(text) else { throw .notAllowed }
            return text
        }
        failsClosed = word == "true"
    }

    private static let withPath: [(String, @Sendable (String) -> AuditDestination)] = [
        ("file:", { .file($0) }), ("journald:", { .journal($0) }),
    ]
}
