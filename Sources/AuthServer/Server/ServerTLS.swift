import Logging
import Transport

/// The daemon's side of TLS: loads, listens, reloads, and logs what operators must know.
struct ServerTLS: Sendable {
    /// From here on, each start and reload logs that the certificate expires soon.
    private static let warningSeconds = 14 * 86_400

    private let files: TLSSettings.Files
    let credentials: TLSCredentials
    private let logger: Logger

    /// nil when there is no `tls:` listener.
    ///
    /// - Throws: `StartError.tls`.
    init?(_ settings: TLSSettings, logger: Logger) throws(StartError) {
        guard let files = settings.files else { return nil }
        self.files = files
        self.logger = logger
        let material = try TLSFiles.material(files)
        credentials = try TLSFiles.naming(files) { () throws(TLSMaterialError) in
            try TLSCredentials(material)
        }
        warnOfEnd()
    }

    /// Reloads the files. If they can't be loaded, the old certificates stay in place.
    func reload() {
        do throws(StartError) {
            let material = try TLSFiles.material(files)
            try TLSFiles.naming(files) { () throws(TLSMaterialError) in
                try credentials.replace(material)
            }
            logger.notice("certificates reloaded")
            warnOfEnd()
        } catch {
            logger.error("reloading certificates failed", metadata: ["cause": "\(error)"])
        }
    }

    /// One listener for each address that `address` stands for.
    ///
    /// - Throws: `TransportError`.
    func listeners(on address: SocketAddress) throws(TransportError) -> [Listener] {
        var listeners: [Listener] = []
        for numeric in try address.resolved() {
            listeners.append(try Listener(address: numeric, tls: credentials))
        }
        return listeners
    }

    /// An expired certificate stops only TLS clients, so it does not stop the daemon.
    private func warnOfEnd() {
        guard let left = credentials.current.certificateSecondsLeft,
            left < ServerTLS.warningSeconds
        else { return }
        logger.warning(
            left < 0
                ? "the TLS certificate has expired: clients refuse it"
                : "the TLS certificate expires soon",
            metadata: ["file": "\(files.certificate)", "days_left": "\(left / 86_400)"])
    }
}
