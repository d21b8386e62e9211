import Glibc
import Logging
import Transport

/// The sockets that the settings name: bound here, or taken over from the service manager.
struct ServerSockets {
    private let settings: SocketSettings
    private let inherited: InheritedSockets
    private let logger: Logger

    /// Logs which sockets the service manager passed that no setting names.
    init(_ settings: SocketSettings, _ inherited: InheritedSockets, logger: Logger) {
        self.settings = settings
        self.inherited = inherited
        self.logger = logger
        for name in unused {
            logger.warning(
                "a socket from the service manager is not used: no setting names it",
                metadata: ["name": "\(name)"])
        }
    }

    private var unused: [String] {
        var asked: Set<String> = []
        for case .systemd(let name, _) in settings.listen
            + [settings.adminListen].compactMap(\.self)
        {
            asked.insert(name)
        }
        return inherited.passed.map(\.name).filter { !asked.contains($0) }
    }

    /// Those of AUTHD_LISTEN. If one fails, the files of the others are removed.
    ///
    /// - Parameter tls: nil when there is no address with TLS.
    /// - Returns: at least one.
    /// - Throws: `StartError.listen`.
    func listeners(_ tls: ServerTLS?) throws(StartError) -> [Listener] {
        var listeners: [Listener] = []
        for address in settings.listen {
            do {
                listeners += try self.listeners(at: address, tls)
            } catch {
                for listener in listeners { listener.removeFile() }
                throw .listen("AUTHD_LISTEN: \(error)")
            }
        }
        return listeners
    }

    /// The administrators' socket, which only its owner and root can open; nil when they use
    /// the same sockets as everybody.
    ///
    /// - Throws: `StartError.listen`.
    func adminListener() throws(StartError) -> Listener? {
        guard let address = settings.adminListen else { return nil }
        do {
            switch address {
            case .systemd(let name, _): return try inheritedAdminListener(name)
            case .socket(let address):
                var options = ListenerOptions()
                options.mode = 0o600
                return try Listener(address: address, options: options)
            }
        } catch {
            throw .listen("AUTHD_ADMIN_LISTEN: \(error)")
        }
    }

    private func listeners(
        at address: ListenAddress, _ tls: ServerTLS?
    ) throws(TransportError) -> [Listener] {
        switch address {
        case .systemd(let name, let isTLS):
            let listeners = try inherited.listeners(
                named: name, tls: isTLS ? tls?.credentials : nil)
            for case .unix(let path) in listeners.map(\.address.form) { warnOfMode(path) }
            return listeners
        case .socket(let address):
            if let tls, address.isTLS { return try tls.listeners(on: address) }
            var options = ListenerOptions()
            options.mode = settings.mode
            options.owner = settings.owner
            options.group = settings.group
            return [try Listener(address: address, options: options)]
        }
    }

    /// Warns of a mode that lets everybody in, as for our own sockets.
    private func warnOfMode(_ path: String) {
        guard let mode = ServerSockets.mode(path), mode & 0o002 != 0 else { return }
        logger.warning(
            "every user on this machine may call the daemon: set SocketMode= in its unit",
            metadata: ["path": "\(path)"])
    }

    /// The bits of a socket's file; nil if there is none, as for abstract names.
    private static func mode(_ path: String) -> mode_t? {
        var status = stat()
        return path.hasPrefix("/") && lstat(path, &status) == 0 ? status.st_mode & 0o7777 : nil
    }

    /// The manager has created the file: its mode is checked, since it is what keeps others out.
    private func inheritedAdminListener(_ name: String) throws(TransportError) -> Listener {
        let listeners = try inherited.listeners(named: name)
        guard listeners.count == 1, case .unix(let path) = listeners[0].address.form else {
            throw .inheritedSocketUnfit(name, .notOneUnixSocket)
        }
        guard let mode = ServerSockets.mode(path), mode & 0o077 == 0 else {
            throw .inheritedSocketUnfit(name, .openToOthers(path))
        }
        return listeners[0]
    }
}
