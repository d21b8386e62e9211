/// The table's part about who may call and what is written about it.
extension Setting {
    /// The settings that AUTHD_CALLERS_FILE replaces.
    static let replacedByCallersFile = [
        allowUIDs, allowGIDs, adminUIDs, adminCertificates, clientAddressUIDs, callerRate,
    ]

    static let adminListen = Setting(
        "AUTHD_ADMIN_LISTEN", .sockets, .text("one unix:PATH or systemd:NAME"), .words("none"),
        """
        A socket of mode 0600 for administrators. With it, their RPCs are served only there, \
        and its connections are not counted among those of other callers.
        """)
    static let callersFile = Setting(
        "AUTHD_CALLERS_FILE", .callers, .text("a path"), .words("none"),
        """
        A YAML file that says for users, groups and certificates which RPCs they may call, how \
        often, whether their `x-client-address` is trusted, and whether they are \
        administrators. It must be writable only by its owner (root or the daemon's user). \
        Reloaded on SIGHUP. It replaces the other variables of this group.
        """)
    static let allowUIDs = Setting(
        "AUTHD_ALLOW_UIDS", .callers, .text("comma-separated names or numbers, at most 64"),
        .words("everybody who can open the socket"),
        """
        The users whose processes may call over a Unix socket. If this or AUTHD_ALLOW_GIDS is \
        set, plain TCP and TLS without a client certificate are refused.
        """)
    static let allowGIDs = Setting(
        "AUTHD_ALLOW_GIDS", .callers, .text("comma-separated names or numbers, at most 64"),
        .words("everybody who can open the socket"),
        """
        The groups whose processes may call over a Unix socket. What counts is the effective \
        group of the process, not its supplementary ones.
        """)
    static let adminUIDs = Setting(
        "AUTHD_ADMIN_UIDS", .callers, .text("comma-separated names or numbers, at most 64"),
        .words("root and the daemon's user"),
        "The users who are administrators; they may also call everything else.")
    static let adminCertificates = Setting(
        "AUTHD_ADMIN_CERTIFICATES", .callers,
        .text("comma-separated names, with cn:, dns:, uri:, email: or ip: before each, at most 64"),
        .words("none"),
        """
        The names of client certificates whose holders are administrators, such as \
        dns:ops.internal.
        """)
    static let clientAddressUIDs = Setting(
        "AUTHD_CLIENT_ADDRESS_UIDS", .callers,
        .text("comma-separated names or numbers, at most 64"),
        .words("root and the daemon's user"),
        "The users who may call and whose `x-client-address` is trusted.")
    static let audit = Setting(
        "AUTHD_AUDIT", .operation, .text("stderr, file:PATH, journald or journald:SOCKET"),
        .text("stderr"),
        """
        Where the audit log goes: JSON lines among those of the daemon's log, a file of mode \
        0600 (reopened on SIGHUP), or the journal.
        """)
    static let auditFailClosed = Setting(
        "AUTHD_AUDIT_FAIL_CLOSED", .operation, .choice(["true", "false"]), .text("false"),
        """
        Whether calls are refused (AUDIT_UNAVAILABLE) while the audit log can't be written. If \
        true, each call also waits until its event is written. If false, the daemon keeps \
        serving, and the log says later how many events it lost.
        """)
    static let callerRate = Setting(
        "AUTHD_CALLER_CALLS_PER_SECOND", .callers, .integer(1...1_000_000, unit: "calls"),
        .words("no limit"),
        """
        How many calls per second each caller who is not an administrator may make; further \
        calls are answered THROTTLED.
        """)
}
