/// When attempts after failures must wait, and when they are disabled.
package struct ThrottleSettings: Sendable {
    /// Failures of an account, or of an account from one network, that are free.
    package let freeFailures: Int
    /// Failures from one network, over all accounts, that are free.
    package let networkFreeFailures: Int
    /// The longest wait, in seconds.
    package let delayMaxSeconds: Int
    /// Failures in a row after which only an administrator can help.
    package let disablingFailures: Int

    init(_ reader: inout SettingReader) throws(ConfigurationError) {
        freeFailures = try reader.integer(.throttleFreeFailures)
        networkFreeFailures = try reader.integer(.throttleNetworkFreeFailures)
        delayMaxSeconds = try reader.integer(.throttleDelayMaxSeconds)
        disablingFailures = try reader.integer(.throttleDisablingFailures)
    }
}
