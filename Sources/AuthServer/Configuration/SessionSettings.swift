/// How long sessions live and how many a user may have.
package struct SessionSettings: Sendable {
    /// The absolute limit of a session, in days.
    package let daysMax: Int
    /// How long a session may be assumed alive without asking the store, in seconds; 0: never.
    package let cacheSeconds: Int
    /// Sessions a user may have at once.
    package let perUserMax: Int

    init(_ reader: inout SettingReader) throws(ConfigurationError) {
        daysMax = try reader.integer(.sessionDays)
        cacheSeconds = try reader.integer(.sessionCacheSeconds)
        perUserMax = try reader.integer(.sessionsPerUserMax)
    }
}
