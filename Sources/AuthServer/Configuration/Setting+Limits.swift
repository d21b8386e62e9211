/// The table's second half: costs, limits and operation.
extension Setting {
    static let bcryptCost = Setting(
        "AUTHD_BCRYPT_COST", .hashing, .integer(HashSettings.costs, unit: ""), .text("12"),
        """
        The cost of a password hash; each further step doubles its time (12: about 0.2 s). \
        Less than 10 is for tests and logs a warning.
        """)
    static let hashThreads = Setting(
        "AUTHD_HASH_THREADS", .hashing, .integer(1...256, unit: "threads"),
        .words("the number of cores"),
        "How many cores hash at once, each one password or up to four side by side.")
    static let hashQueueMax = Setting(
        "AUTHD_HASH_QUEUE_MAX", .hashing, .integer(1...65_536, unit: "calls"),
        .words("16 for each hash thread"),
        """
        How many calls may wait for a hash thread; further ones are answered OVERLOADED at \
        once. With four hashes side by side in 0.3 s, 16 per thread are about a second's wait.
        """)
    static let passwordBytesMin = Setting(
        "AUTHD_PASSWORD_BYTES_MIN", .passwords, .integer(8...256, unit: "bytes of UTF-8"),
        .text("8"), "The minimum length of a password.")
    static let passwordScoreMin = Setting(
        "AUTHD_PASSWORD_SCORE_MIN", .passwords, .integer(0...4, unit: ""), .text("2"),
        "The minimum zxcvbn score: 2 needs about 10^6 guesses, 4 more than 10^10.")
    static let passwordClasses = Setting(
        "AUTHD_PASSWORD_CLASSES", .passwords,
        .text("a comma-separated list of lower, upper, digit, symbol"), .words("none"),
        "The kinds of characters that a password must contain.")
    static let breachedPasswordsFile = Setting(
        "AUTHD_BREACHED_PASSWORDS_FILE", .passwords, .text("a path"), .words("none"),
        """
        A list of breached passwords that are refused, created by \
        scripts/make-breached-passwords. It must be writable only by its owner (root or the \
        daemon's user). Reloaded on SIGHUP. Replace it by renaming: while it is shorter than it was \
        loaded, no password is on it.
        """)
    static let connectionsMax = Setting(
        "AUTHD_CONNECTIONS_MAX", .limits, .integer(1...65_536, unit: "connections"),
        .text("4096"), "How many connections may be open at once, over all listeners.")
    static let connectionsPerUIDMax = Setting(
        "AUTHD_CONNECTIONS_PER_UID_MAX", .limits, .integer(1...65_536, unit: "connections"),
        .words("1024, or AUTHD_CONNECTIONS_MAX if that is less"),
        """
        How many of them one user ID may hold, so that one caller cannot shut out the others. \
        Over TLS it applies per client certificate, or without one per address (IPv6: per /64); \
        over plain TCP, to all callers together.
        """)
    static let connectionRequestsMax = Setting(
        "AUTHD_CONNECTION_REQUESTS_MAX", .limits, .integer(1...65_536, unit: "requests"),
        .text("256"),
        "How many requests of one connection are processed before more are read from it.")
    static let requestBytesMax = Setting(
        "AUTHD_REQUEST_BYTES_MAX", .limits, .integer(4096...4_194_304, unit: "bytes"),
        .text("65536"), "The longest request; a longer one is answered RESOURCE_EXHAUSTED.")
    static let stallSeconds = Setting(
        "AUTHD_STALL_SECONDS", .limits, .integer(1...3600, unit: "seconds"), .text("30"),
        """
        How long a caller may take to finish a frame it has started, or to read answers that \
        are waiting for it, before it is disconnected.
        """)
    static let eventLoops = Setting(
        "AUTHD_EVENT_LOOPS", .limits, .integer(1...16, unit: "loops"),
        .words("half the number of cores, 1 to 16"), "How many event loops share the connections.")
    static let logLevel = Setting(
        "AUTHD_LOG_LEVEL", .operation, .choice(LogSettings.levels), .text("info"),
        "The least severe log lines that are written.")
    static let logFormat = Setting(
        "AUTHD_LOG_FORMAT", .operation, .choice(LogFormat.allCases.map(\.rawValue)),
        .text("text"), "One line of text, or one JSON object, per log line.")
    static let shutdownSeconds = Setting(
        "AUTHD_SHUTDOWN_SECONDS", .operation, .integer(0...300, unit: "seconds"), .text("30"),
        "How long calls in flight may take to finish after SIGTERM.")
    static let environmentFile = Setting(
        "AUTHD_ENV_FILE", .operation, .text("a path"), .words("./.env, if it exists"),
        "The settings file to read. It can't be set in a settings file.")
}
