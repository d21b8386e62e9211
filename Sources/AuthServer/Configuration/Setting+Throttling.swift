/// The table's part about guessing.
extension Setting {
    static let throttleFreeFailures = Setting(
        "AUTHD_THROTTLE_FREE_FAILURES", .throttling, .integer(1...100, unit: "failures"),
        .text("5"),
        """
        How many wrong passwords in a row an account may have before each further attempt must \
        wait: 1 second, and twice as long after each further failure. The same applies to its \
        TOTP codes, its recovery codes, and attempts on one account from one network.
        """)
    static let throttleNetworkFreeFailures = Setting(
        "AUTHD_THROTTLE_NETWORK_FREE_FAILURES", .throttling,
        .integer(1...1_000_000, unit: "failures"), .text("5"),
        """
        How many failures from one network (an IPv4 address, or an IPv6 /64), over all \
        accounts, are free. They drain away, one per longest wait, and those followed by a \
        success of the same account do not count. Set more than 5 if many users share an address.
        """)
    static let throttleDelayMaxSeconds = Setting(
        "AUTHD_THROTTLE_DELAY_MAX_SECONDS", .throttling, .integer(1...86_400, unit: "seconds"),
        .text("900"), "The longest wait.")
    static let throttleDisablingFailures = Setting(
        "AUTHD_THROTTLE_DISABLING_FAILURES", .throttling,
        .integer(1...1_000_000, unit: "failures"), .text("100"),
        """
        After how many consecutive failures an account's password, TOTP codes or recovery \
        codes are disabled until an administrator unlocks it.
        """)
}
