/// The table's part about guessing.
extension Setting {
    static let throttleFreeFailures = Setting(
        "AUTHD_THROTTLE_FREE_FAILURES", .throttling, .integer(1...100, unit: "failures"),
        .text("5"),
        """
        How many wrong passwords in a row an account may have before each further try must wait: \
        1 second, and twice as long after each failure more. The same for its TOTP codes, for its \
        recovery codes, and for what comes from one network about one account.
        """)
    static let throttleNetworkFreeFailures = Setting(
        "AUTHD_THROTTLE_NETWORK_FREE_FAILURES", .throttling,
        .integer(1...1_000_000, unit: "failures"), .text("5"),
        """
        How many failures from one network (an IPv4 address, or a /64 of IPv6), over all accounts, \
        are free. They drain away, one in the time of the longest wait, and those that a success \
        of the same account follows do not count. More than 5 where many users share an address.
        """)
    static let throttleDelayMaxSeconds = Setting(
        "AUTHD_THROTTLE_DELAY_MAX_SECONDS", .throttling, .integer(1...86_400, unit: "seconds"),
        .text("900"), "The longest wait.")
    static let throttleDisablingFailures = Setting(
        "AUTHD_THROTTLE_DISABLING_FAILURES", .throttling,
        .integer(1...1_000_000, unit: "failures"), .text("100"),
        """
        After how many failures in a row the password, the TOTP codes or the recovery codes of an \
        account are disabled until an administrator unlocks it.
        """)
}
