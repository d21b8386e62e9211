package import Storage

/// What the store takes from outside besides HTTP: time, randomness, files, and whom to notify.
package struct AzureEnvironment: Sendable {
    /// The present moment in UTC.
    package var now: @Sendable () -> Timestamp
    /// A number from 0 to 1, newly drawn each time.
    package var chance: @Sendable () -> Double
    /// Waits; throws when the task is cancelled.
    package var sleep: @Sendable (Duration) async throws -> Void
    /// Reads a file that holds a secret.
    package var readFile: @Sendable (String) -> SecretFileContent
    /// Takes lines for the operator's log.
    package var notify: @Sendable (String) -> Void

    package init(
        now: @escaping @Sendable () -> Timestamp,
        chance: @escaping @Sendable () -> Double = { Double.random(in: 0...1) },
        sleep: @escaping @Sendable (Duration) async throws -> Void = { duration in
            try await Task.sleep(for: duration)
        },
        readFile: @escaping @Sendable (String) -> SecretFileContent,
        notify: @escaping @Sendable (String) -> Void
    ) {
        self.now = now
        self.chance = chance
        self.sleep = sleep
        self.readFile = readFile
        self.notify = notify
    }
}
