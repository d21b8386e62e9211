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
    ///   - read: rereads the configuration on SIGHUP.
    /// - Throws: the exit code when it could not start; the reason is on standard error.
    static func run(
        _ configuration: ServerConfiguration, environment: [String: String],
        readingAgain read: @Sendable () throws(ConfigurationError) -> ServerConfiguration
    ) async throws(ExitCode) {
        signal(SIGPIPE, SIG_IGN)
        let signals = SignalStream([SIGTERM, SIGINT, SIGHUP])
        let output = LogOutput(format: configuration.log.format)
        let logger = Logger(label: "authd") { _ in
            ServerLogHandler(
                format: configuration.log.format, level: configuration.log.level, output: output)
        }
        defer { _ = output.flush() }
        for warning in configuration.warnings { logger.warning("\(warning)") }
        let events = events(of: signals) { () async throws(StartError) in
            try await Server.start(
                configuration, environment: environment, logger: logger, version: Version.text)
        }
        let manager = ServiceManager(environment: environment)
        var running: (server: Server, watchdog: Watchdog?)?
        var isReloadDue = false
        for await event in events {
            switch (event, running) {
            case (.started(.success(let server)), _):
                if isReloadDue {
                    server.reload()
                    await server.reloadStoreCredential(reading: read)
                }
                await manager?.ready()
                running = (server, manager?.watchdog { await server.answerOnAllLoops() })
            case (.started(.failure(let error)), _):
                _ = output.flush()
                StandardError.print("\(error)")
                throw error.isOfSettings ? .validationFailure : .failure
            case (.signal(SIGHUP), let running?):
                await manager?.reloading()
                running.server.reload()
                await running.server.reloadStoreCredential(reading: read)
                await manager?.ready()
            // What it is about may have been read before.
            case (.signal(SIGHUP), nil): isReloadDue = true
            case (.signal, let running?):
                running.watchdog?.stop()
                await manager?.stopping(within: .seconds(configuration.shutdownSeconds))
                await running.server.stop()
                return
            case (.signal, nil):
                // A start takes as long as the store lets it wait, and nobody has been promised
                // anything yet.
                logger.notice("stopped before it was ready")
                _ = output.flush()
                exit(EXIT_SUCCESS)
            }
        }
    }

    private enum Event: Sendable {
        case started(Result<Server, StartError>)
        case signal(Int32)
    }

    /// The end of the start and the signals, in the order they come.
    private static func events(
        of signals: SignalStream, _ start: @escaping @Sendable () async throws(StartError) -> Server
    ) -> AsyncStream<Event> {
        let (events, continuation) = AsyncStream.makeStream(of: Event.self)
        Task {
            for await number in signals.signals { continuation.yield(.signal(number)) }
        }
        Task {
            do throws(StartError) {
                continuation.yield(.started(.success(try await start())))
            } catch {
                continuation.yield(.started(.failure(error)))
            }
        }
        return events
    }
}
