import AuditLog
import Bytes
import Cryptography
import Logging

extension AuditWriter {
    /// The daemon's audit log.
    ///
    /// - Throws: `.configuration` for a file that can't be used.
    static func open(
        _ configuration: ServerConfiguration, key: AuditKey, logger: Logger
    ) throws(StartError) -> AuditWriter {
        do {
            return try AuditWriter(
                configuration.audit.destination, key: key,
                endPath: configuration.store.stateDirectory + "/" + AuditEnd.fileName,
                logIdentifier: Hex.encode(SecureRandom.bytes(8)),
                time: { UTCTime.text(milliseconds: UTCTime.nowMilliseconds()) },
                trouble: { logger.error("audit", metadata: ["cause": "\($0)"]) })
        } catch {
            throw .configuration(
                .unusableFile(path: "AUTHD_AUDIT", problem: error.description))
        }
    }
}
