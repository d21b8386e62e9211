import AuditLog
import AuthCore
import AuthService
import Bytes
import Cryptography
import DispatchBridge
package import Logging
import Storage
import Synchronization
import TTRPC
import Transport

/// The daemon: everything wired, started, reloaded and drained.
package final class Server: Sendable {
    private let configuration: ServerConfiguration
    private let secret: SecretBytes
    let logger: Logger
    let store: any EntityStore
    private let hashing: WorkerPool
    private let accessTokens: AccessTokens
    private let gate: CallerGate
    private let breached: BreachedPasswords
    private let auditWriter: AuditWriter
    private let refusals: RefusalLog
    private let tls: ServerTLS?
    private let authenticator: Authenticator
    private let rpc: RPCServer
    /// With its own connections and loop, so that an administrator gets in when callers have
    /// taken all others.
    private let adminRPC: RPCServer?
    /// Nil if sweeping is left to other daemons.
    private let sweep: SweepTask?

    /// Opens the store, loads the keys, listens, and serves.
    ///
    /// - Parameters:
    ///   - configuration: checked.
    ///   - environment: the process's, where a service manager says which sockets it passes.
    ///   - logger: for the daemon's log and its audit events.
    ///   - version: of the release, for administrators.
    /// - Returns: the running server.
    /// - Throws: `StartError`, one line for the operator.
    package static func start(
        _ configuration: ServerConfiguration, environment: [String: String], logger: Logger,
        version: String
    ) async throws(StartError) -> Server {
        DescriptorLimit.raise()
        do {
            try StateDirectory.prepare(configuration.store.stateDirectory)
            let secrets = try ServerSecrets.load(configuration)
            logger.info("server secret", metadata: ["origin": "\(secrets.origin)"])
            let store = try await StoreOpening.open(
                configuration.store, notify: { logger.warning("\($0)") })
            OldRowsWarning.begin(store, configuration.store, logger)
            let server = try Server(
                configuration, secrets.jwtSecret, store,
                try InheritedSockets(environment: environment), logger, version)
            try await server.listen()
            return server
        } catch let error as ConfigurationError {
            throw .configuration(error)
        } catch let error as StartError {
            throw error
        } catch {
            throw .listen("\(error)")
        }
    }

    private init(
        _ configuration: ServerConfiguration, _ secret: SecretBytes, _ store: any EntityStore,
        _ inherited: InheritedSockets, _ logger: Logger, _ version: String
    ) throws(StartError) {
        self.configuration = configuration
        self.secret = secret
        self.logger = logger
        self.store = store
        let engine = Server.bcryptEngine(configuration.hashing, logger)
        hashing = WorkerPool(
            threadCount: engine.usefulThreads(coreCount: configuration.hashing.threads),
            queueCountMax: configuration.hashing.queueMax)
        accessTokens = AccessTokens(
            keys: try SigningKeys.load(configuration.tokens, secret: secret),
            issuer: configuration.tokens.issuer, audience: configuration.tokens.audience)
        breached = try Server.breachedPasswords(configuration.passwords, logger)
        let hasher = PasswordHasher(
            pool: hashing, cost: configuration.hashing.cost,
            policy: PasswordPolicy(configuration.passwords, breached: breached), engine: engine)
        authenticator = try Server.makeAuthenticator(
            configuration, secret, store, hasher, accessTokens, logger)
        let auditKey = AuditKey(serverSecret: secret)
        auditWriter = try AuditWriter.open(configuration, key: auditKey, logger: logger)
        let audit = ChainedAuditSink(
            auditWriter, key: auditKey, failsClosed: configuration.audit.failsClosed,
            logger: logger)
        let gate = CallerGate(policy: configuration.callers.policy)
        self.gate = gate
        let refusals = RefusalLog(audit)
        self.refusals = refusals
        let operations = ServerOperations(
            version: version, settings: configuration.store, store: store, hashing: hashing)
        let services = AuthServices.make(
            authenticator: authenticator, operations: operations, audit: audit,
            believesClientAddress: gate.believesClientAddress)
        let calls = CallMetrics(services)
        func router(door: CallerGate.Door) -> Router {
            Router(
                services: services,
                interceptors: [
                    CallerDoor(gate, at: door, refusals: refusals),
                    StoreOwnerGate(refusals: refusals),
                ], observers: [calls], details: AuthServices.details(of:))
        }
        let servesAdministrators = configuration.sockets.adminListen == nil
        // The last step that can fail for an operator's reasons, so that no socket file is left
        // behind.
        tls = try ServerTLS(configuration.tls, logger: logger)
        (rpc, adminRPC) = try Server.bind(
            configuration, ServerSockets(configuration.sockets, inherited, logger: logger), tls,
            callers: router(door: .callers(servesAdministrators: servesAdministrators)),
            administrators: router(door: .administrators), logger)
        operations.watch(
            ServerOperations.Watched(
                callers: rpc, administrators: adminRPC, calls: calls,
                bcryptRuns: hasher.bcryptRuns, audit: auditWriter, tls: tls?.credentials))
        sweep = Server.makeSweepTask(configuration, store, logger)
    }

    private func listen() async throws(StartError) {
        do {
            try await rpc.start()
            try await adminRPC?.start()
        } catch {
            throw .listen("the kernel refuses to watch a socket: \(error)")
        }
        logger.notice(
            "ready",
            metadata: [
                "listen":
                    "\(configuration.sockets.listen.map(\.description).joined(separator: ","))",
                "store": "\(configuration.store.kind.description)",
            ])
    }

    /// Reloads the key files, the certificates, the callers policy and the breached passwords,
    /// and reopens the audit log's file. If something can't be loaded, the old one stays
    /// in place.
    package func reload() {
        reloadCallers()
        reloadBreachedPasswords()
        auditWriter.reopen()
        do {
            accessTokens.replaceKeys(try SigningKeys.load(configuration.tokens, secret: secret))
            logger.notice("keys reloaded")
        } catch {
            logger.error("reloading keys failed", metadata: ["cause": "\(error)"])
        }
        tls?.reload()
    }

    private func reloadCallers() {
        guard let file = configuration.callers.file else { return }
        do {
            gate.replace(try CallerFile.load(file))
            logger.notice("callers reloaded", metadata: ["file": "\(file)"])
        } catch {
            logger.error("reloading callers failed", metadata: ["cause": "\(error)"])
        }
    }

    private func reloadBreachedPasswords() {
        guard let file = configuration.passwords.breachedFile else { return }
        do {
            try breached.load(file)
            logger.notice(
                "breached passwords reloaded", metadata: ["count": "\(breached.count)"])
        } catch {
            logger.error("reloading breached passwords failed", metadata: ["cause": "\(error)"])
        }
    }

    /// Returns when every event loop has done a piece of work submitted after this call.
    package func answerOnAllLoops() async {
        await rpc.answerOnAllLoops()
        await adminRPC?.answerOnAllLoops()
    }

    /// Stops accepting, lets calls in flight finish, and closes the store.
    ///
    /// - Returns: whether all calls finished in time.
    @discardableResult
    package func stop() async -> Bool {
        logger.notice("stopping")
        let grace = Duration.seconds(configuration.shutdownSeconds)
        async let isAdminDrained = adminRPC?.stop(grace: grace) ?? true
        let isDrained = await rpc.stop(grace: grace)
        let areAllDrained = await isAdminDrained && isDrained
        await hashing.shutDown()
        await sweep?.stop()
        await authenticator.storeFailures()
        await store.close()
        refusals.flush()
        if await !auditWriter.stop() { logger.error("the last audit events were not written") }
        logger.notice("stopped", metadata: ["all_calls_finished": "\(areAllDrained)"])
        return areAllDrained
    }
}

// MARK: - Parts

extension Server {
    private static func bcryptEngine(_ settings: HashSettings, _ logger: Logger) -> BcryptEngine {
        let engine = BcryptEngine.chosen(coreCount: settings.threads)
        if case .library = engine {
            logger.warning("the fast bcrypt is not used: it fails its self-test on this machine")
        }
        return engine
    }

    private static func makeAuthenticator(
        _ configuration: ServerConfiguration, _ secret: SecretBytes, _ store: any EntityStore,
        _ hasher: PasswordHasher, _ accessTokens: AccessTokens, _ logger: Logger
    ) throws(StartError) -> Authenticator {
        let unsavedLog = UnsavedFailuresLog(logger)
        let unreadableLog = UnreadableRowsLog(logger)
        let keyRing = try Server.keyRing(configuration.tokens, secret)
        return Authenticator(
            store: store,
            oldTable: configuration.store.readsOldTable
                ? OldTable(name: configuration.store.usersTableName) : nil,
            hasher: hasher, accessTokens: accessTokens,
            refreshTokens: try Server.refreshTokens(secret),
            cacheLifetime: .seconds(configuration.sessions.cacheSeconds),
            policy: SessionPolicy(configuration), sealing: TOTPSecretSealing(keyRing: keyRing),
            keyRing: keyRing, mfaIssuer: configuration.tokens.mfaIssuer,
            lockout: LockoutPolicy(configuration.throttling),
            unsavedFailures: { unsavedLog.failed($0, $1) },
            unreadableRows: { unreadableLog.found($0) },
            now: { SystemClock.now }, coarseNow: { SystemClock.coarseNow })
    }

    /// Opens the sockets, and makes the servers behind them. If one fails, the files of the
    /// others are removed.
    private static func bind(
        _ configuration: ServerConfiguration, _ sockets: ServerSockets, _ tls: ServerTLS?,
        callers: Router, administrators: Router, _ logger: Logger
    ) throws(StartError) -> (callers: RPCServer, administrators: RPCServer?) {
        var listeners = try sockets.listeners(tls)
        let handshakeLog = HandshakeLog(logger)
        do {
            let limits = ServerLimits(configuration.limits, configuration.tls)
            let adminListener = try sockets.adminListener()
            let callerListeners = listeners
            if let adminListener { listeners.append(adminListener) }
            let rpc = try RPCServer(
                listeners: callerListeners, router: callers, limits: limits,
                loopCount: configuration.limits.eventLoops,
                onHandshakeFailure: { handshakeLog.failed($0, $1) })
            let adminRPC = try adminListener.map {
                try RPCServer(listeners: [$0], router: administrators, limits: limits)
            }
            return (rpc, adminRPC)
        } catch {
            for listener in listeners { listener.removeFile() }
            throw error as? StartError
                ?? .listen("the kernel provides no descriptors for an event loop: \(error)")
        }
    }

    private static func makeSweepTask(
        _ configuration: ServerConfiguration, _ store: any EntityStore, _ logger: Logger
    ) -> SweepTask? {
        configuration.store.sweepInterval.map { interval in
            SweepTask(
                SessionSweeper(
                    store: store, policy: SessionPolicy(configuration), interval: interval,
                    pause: configuration.store.sweepPause), logger: logger)
        }
    }

    private static func refreshTokens(_ secret: SecretBytes) throws(StartError) -> RefreshTokens {
        do {
            return try RefreshTokens(secret: secret)
        } catch {
            throw .unsupported("JWT_SECRET: \(error)")
        }
    }

    /// The keys that seal and open TOTP secrets. The server secret stays among them if
    /// ENCRYPTION_KEY takes its place, so that setting it loses nothing.
    private static func keyRing(
        _ settings: TokenSettings, _ secret: SecretBytes
    ) throws(StartError) -> ServerKeyRing {
        do {
            guard let current = settings.encryptionKey else {
                return try ServerKeyRing(current: secret, older: settings.olderEncryptionKeys)
            }
            return try ServerKeyRing(
                current: current, older: [secret] + settings.olderEncryptionKeys)
        } catch {
            throw .unsupported("ENCRYPTION_KEY: \(error)")
        }
    }

    private static func breachedPasswords(
        _ settings: PasswordSettings, _ logger: Logger
    ) throws(StartError) -> BreachedPasswords {
        let breached = BreachedPasswords()
        guard let file = settings.breachedFile else { return breached }
        do {
            try breached.load(file)
        } catch {
            throw .configuration(
                .unusableFile(
                    path: error.path, problem: error.problem,
                    setting: Setting.breachedPasswordsFile.name))
        }
        logger.info("breached passwords", metadata: ["count": "\(breached.count)"])
        return breached
    }
}
