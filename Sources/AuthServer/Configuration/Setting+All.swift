import Cryptography

/// The table: every variable of the daemon, in the order in which it is shown.
extension Setting {
    /// Every setting, grouped as `Group` orders them.
    package static let all: [Setting] = [
        jwtSecret, jwtAlgorithm, jwtKeyFiles, jwtIssuer, jwtAudience, jwtMinutes, refreshMinutes,
        encryptionKey, olderEncryptionKeys, mfaIssuer,
        sessionDays, sessionCacheSeconds, sessionsPerUserMax,
        stateDirectory, store, usersTableName, oldTable, sasToken, endpoint, azureCreateTable,
        azureAuthorities, azureClientID, azureTenantID, azureTokenFile, azureAuthority,
        identityEndpoint, identityHeader, sweepHours, sweepPause,
        listen, adminListen, socketMode, socketOwner, socketGroup, clientSocket,
        callersFile, allowUIDs, allowGIDs, adminUIDs, adminCertificates, clientAddressUIDs,
        callerRate,
        tlsCertificateFile, tlsKeyFile, tlsClientCAFile, tlsClientCertificate,
        tlsHandshakeSeconds, tlsHandshakesMax, tlsHandshakesPerAddressMax,
        tlsServerCAFile, tlsServerName, tlsClientCertificateFile, tlsClientKeyFile,
        bcryptCost, hashThreads, hashQueueMax,
        throttleFreeFailures, throttleNetworkFreeFailures, throttleDelayMaxSeconds,
        throttleDisablingFailures,
        passwordBytesMin, passwordScoreMin, passwordClasses, breachedPasswordsFile,
        connectionsMax, connectionsPerUIDMax, connectionRequestsMax, requestBytesMax, stallSeconds,
        eventLoops,
        logLevel, logFormat, audit, auditFailClosed, shutdownSeconds, environmentFile,
    ]

    /// Every name that may be set, including aliases.
    static let knownNames: Set<String> = Set(all.flatMap(\.allNames))
}

extension Setting {
    static let jwtSecret = Setting(
        "JWT_SECRET", .tokens, .secret("32 to 4096 bytes of UTF-8 text"),
        .words("a random secret, created once in the state directory"),
        """
        The server secret: it signs access tokens under HS256, HS384 and HS512, and all other \
        keys of the daemon are derived from it. Daemons that share a store must share it.
        """)
    static let jwtAlgorithm = Setting(
        "JWT_ALGORITHM", .tokens, .choice(SignatureAlgorithm.allCases.map(\.rawValue)),
        .text("HS256"), "How access tokens are signed.")
    static let jwtKeyFiles = Setting(
        "AUTHD_JWT_KEY_FILES", .tokens, .text("comma-separated paths, at most 16"),
        .words("none"),
        """
        PEM files for the key-pair algorithms (RS256 and those listed after it). The first \
        private key signs; the others only verify. Files with private keys must be readable \
        only by the daemon's user.
        """)
    static let jwtIssuer = Setting(
        "AUTHD_JWT_ISSUER", .tokens, .text("1 to 255 bytes"), .text("authd"),
        "The claim `iss` of the tokens.")
    static let jwtAudience = Setting(
        "AUTHD_JWT_AUDIENCE", .tokens, .text("1 to 255 bytes"), .text("authd"),
        "The claim `aud` of access tokens.")
    static let jwtMinutes = Setting(
        "JWT_EXP_MINUTES", .tokens, .integer(1...1440, unit: "minutes"), .text("15"),
        "How long an access token is valid.")
    static let refreshMinutes = Setting(
        "REFRESH_TOKEN_EXP_MINUTES", .tokens, .integer(1...525_600, unit: "minutes"),
        .text("10080"),
        "How long a refresh token is valid: a session that is unused for that long ends.")
    static let encryptionKey = Setting(
        "ENCRYPTION_KEY", .tokens, .secret("32 to 4096 bytes of UTF-8 text"),
        .words("derived from JWT_SECRET"),
        """
        The server's part of the key that seals TOTP secrets. Set it if you want to be able to \
        change JWT_SECRET without losing them: secrets sealed under JWT_SECRET can still be \
        opened, and are resealed at the user's next login.
        """)
    static let olderEncryptionKeys = Setting(
        "AUTHD_OLDER_ENCRYPTION_KEYS", .tokens,
        .secret("at most 15 texts of 32 bytes or more, with spaces between and none within"),
        .words("none"),
        """
        Former values of ENCRYPTION_KEY, or of JWT_SECRET if it was not set. They only open \
        TOTP secrets and never seal them. An account keeps the old key until its user logs in.
        """)
    static let mfaIssuer = Setting(
        "AUTHD_MFA_ISSUER", .tokens, .text("1 to 40 bytes without a colon"), .text("authd"),
        "The service name under which authenticators list an account.")
    static let sessionDays = Setting(
        "AUTHD_SESSION_MAX_DAYS", aliases: ["SESSION_MAX_DAYS"], .sessions,
        .integer(1...3650, unit: "days"), .text("30"),
        "When a session ends, no matter how much it is used.")
    static let sessionCacheSeconds = Setting(
        "AUTHD_SESSION_CACHE_SECONDS", aliases: ["SESSION_CACHE_SECONDS"], .sessions,
        .integer(0...300, unit: "seconds"), .text("5"),
        """
        How long VerifyToken may assume that a session is alive before it asks the store \
        again. 0 asks every time.
        """)
    static let sessionsPerUserMax = Setting(
        "AUTHD_SESSIONS_PER_USER_MAX", .sessions, .integer(1...90, unit: "sessions"), .text("90"),
        """
        How many sessions a user may have; one more login ends the oldest. The limit lets one \
        transaction of 100 rows end them all.
        """)
    static let listen = Setting(
        "AUTHD_LISTEN", .sockets,
        .text(
            """
            comma-separated unix:PATH, tls:HOST:PORT, tcp:HOST:PORT (loopback), systemd:NAME, \
            systemd-tls:NAME, at most 16
            """),
        .words("unix:/run/authd/authd.sock as root, else unix:$XDG_RUNTIME_DIR/authd/authd.sock"),
        """
        Where callers connect. A Unix path has at most 107 bytes. Without XDG_RUNTIME_DIR the \
        socket is created in the state directory. `tls:` needs the files below; a host name is \
        looked up once, and the daemon listens on all its addresses. `systemd:` and \
        `systemd-tls:` take over the sockets of a socket unit with that FileDescriptorName=.
        """)
    static let socketMode = Setting(
        "AUTHD_SOCKET_MODE", .sockets, .text("an octal mode from 0600 to 0777"), .text("0660"),
        "The mode of Unix sockets: whoever may write to one may call the daemon.")
    static let socketOwner = Setting(
        "AUTHD_SOCKET_OWNER", .sockets, .text("the name or number of a user"),
        .words("the daemon's user"), "The owner of Unix sockets.")
    static let socketGroup = Setting(
        "AUTHD_SOCKET_GROUP", .sockets, .text("the name or number of a group"),
        .words("the daemon's group"), "The group of Unix sockets.")
    static let clientSocket = Setting(
        "AUTHD_SOCKET", .sockets, .text("one unix:PATH, tls:HOST:PORT or tcp:HOST:PORT"),
        .words("the default of AUTHD_LISTEN"),
        """
        Where authctl and other clients connect. Only from their environment: neither they nor the \
        daemon use it from a .env file.
        """)
}
