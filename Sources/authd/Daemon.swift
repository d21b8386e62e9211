import ArgumentParser
import AuthServer
import DispatchBridge
import Glibc
import Logging

/// The life of the process: start, signals, stop.
enum Daemon {
    /// Runs until SIGTERM or SIGINT.
    ///
    /// - Parameters:
    ///   - configuration: what it starts with.
    ///   - environment: the process's.
    ///   - read: reads the configuration again, on SIGHUP.
    /// - Throws: the exit code when it could not start; the reason is on standard error.
    static func run(
        _ configuration: ServerConfiguration, environment: [String: String],
        readingAgain read: @Sendable () throws(ConfigurationError) -> ServerConfiguration
    ) async throws(ExitCode) {
        MemoryArenas.limit()
        signal(SIGPIPE, SIG_IGN)
        let signals = SignalStream([SIGTERM, SIGINT, SIGHUP])
        let output = LogOutput(format: configuration.log.format)
        let logger = Logger(label: "authd") { _ in
            ServerLogHandler(
                format: configuration.log.format, level: configuration.log.level, output: output)
        }
        defer { _ = output.flush() }
        for warning in configuration.warnings { logger.warning("\(warning)") }
        let server: Server
        do {
            server = try await Server.start(
                configuration, environment: environment, logger: logger, version: Version.text)
        } catch {
            _ = output.flush()
            StandardError.print("\(error)")
            throw error.isOfSettings ? .validationFailure : .failure
        }
        let manager = ServiceManager(environment: environment)
        await manager?.ready()
        let watchdog = manager?.watchdog { await server.answerOnAllLoops() }
        for await number in signals.signals {
            guard number == SIGHUP else { break }
            await manager?.reloading()
            server.reload()
            await server.reloadStoreCredential(reading: read)
            await manager?.ready()
        }
        watchdog?.stop()
        await manager?.stopping(within: .seconds(configuration.shutdownSeconds))
        await server.stop()
    }
}
