package import Bytes
package import DispatchBridge
import Synchronization
package import TTRPC

/// A client that keeps itself connected: connects at the first call, again with growing delays when
/// the connection is lost, and afresh when its stream ids are used up.
///
/// Only calls that were certainly not sent are retried.
package final class RPCClient: Sendable {
    private typealias Connecting = Promise<Result<ClientConnection, RPCClientError>>

    private enum State {
        case idle
        case connecting(Connecting)
        case connected(ClientConnection)
        case closed
    }

    private struct Shared {
        var state = State.idle
        var backoff: Backoff
        /// No attempt before this moment.
        var notBefore = ContinuousClock.now
    }

    /// Where the server listens.
    package let address: SocketAddress
    /// Not nil exactly for `tls:`.
    private let tls: TLSContext?
    private let loop: EventLoop
    private let limits: RPCClientLimits
    private let shared: Mutex<Shared>

    /// - Parameters:
    ///   - address: not connected to before the first call; then a host's name is looked up, each
    ///     time, and its addresses are tried in turn.
    ///   - tls: for `tls:`, and not nil then; each connection resumes the session of the
    ///     previous one, if the server allows it.
    ///   - loop: carries the connections; outlives the client.
    ///   - limits: of each connection, and of reconnecting.
    package init(
        address: SocketAddress, tls: TLSContext? = nil, loop: EventLoop,
        limits: RPCClientLimits = RPCClientLimits()
    ) {
        self.address = address
        self.tls = tls
        self.loop = loop
        self.limits = limits
        shared = Mutex(
            Shared(
                backoff: Backoff(
                    secondsMin: limits.backoffSecondsMin, secondsMax: limits.backoffSecondsMax)))
    }

    /// Makes a call, connecting first if necessary.
    ///
    /// - Parameters:
    ///   - service: the full name.
    ///   - method: the short name.
    ///   - payload: the encoded request.
    ///   - metadata: sent along.
    ///   - timeout: for everything together; nil waits forever once connected.
    /// - Returns: the encoded answer.
    /// - Throws: `RPCClientError`.
    package func call(
        service: String, method: String, payload: SecretBytes, metadata: [MetadataPair] = [],
        timeout: Duration? = .seconds(30)
    ) async throws(RPCClientError) -> SecretBytes {
        let deadline = timeout.map { ContinuousClock.now + $0 }
        var resends = 0
        while true {
            let connection = try await connection(deadline: deadline)
            do throws(RPCClientError) {
                return try await connection.call(
                    service: service, method: method, payload: payload, metadata: metadata,
                    deadline: deadline)
            } catch {
                guard error == .notSent, resends < limits.resendsMax else { throw error }
                resends += 1
            }
        }
    }

    /// Closes the connection; waiting calls fail, and so do all later ones.
    package func close() async {
        let state = shared.withLock { shared in
            defer { shared.state = .closed }
            return shared.state
        }
        switch state {
        case .connected(let connection): await connection.close()
        case .connecting(let connecting): connecting.fulfil(.failure(.closed))
        case .idle, .closed: break
        }
    }

    // MARK: - Connecting

    private func connection(
        deadline: ContinuousClock.Instant?
    ) async throws(RPCClientError) -> ClientConnection {
        var retired: ClientConnection?
        var begun: Connecting?
        let state = shared.withLock { shared in
            if case .connected(let connection) = shared.state, !connection.isUsable {
                retired = connection
                shared.state = .idle
            }
            if case .idle = shared.state {
                let connecting = Connecting()
                begun = connecting
                shared.state = .connecting(connecting)
            }
            return shared.state
        }
        retired?.retire()
        if let begun { Task { await self.connect(begun) } }
        switch state {
        case .connected(let connection): return connection
        case .connecting(let connecting): return try await wait(for: connecting, until: deadline)
        case .idle, .closed: throw .closed
        }
    }

    /// Waits for the shared attempt, but no longer than this caller may.
    private func wait(
        for connecting: Connecting, until deadline: ContinuousClock.Instant?
    ) async throws(RPCClientError) -> ClientConnection {
        let outcome: Result<ClientConnection, RPCClientError>
        do throws(PromiseWaitError) {
            outcome = try await connecting.value(until: deadline)
        } catch {
            switch error {
            case .deadlineExceeded: throw .deadlineExceeded
            case .cancelled: throw .cancelled
            }
        }
        return try outcome.get()
    }

    private func connect(_ connecting: Connecting) async {
        var failure = RPCClientError.unreachable("no attempt was made")
        for _ in 0..<max(1, limits.connectAttemptsMax) {
            try? await Task.sleep(
                until: shared.withLock { $0.notBefore }, clock: .continuous)
            guard isCurrent(connecting) else { return }
            do throws(RPCClientError) {
                await settle(connecting, .success(try await attempt()))
                return
            } catch {
                failure = error
                if case .untrusted = error { break }
                shared.withLock { shared in
                    let delay = shared.backoff.failed(fraction: Double.random(in: 0...1))
                    shared.notBefore = ContinuousClock.now + delay
                }
            }
        }
        await settle(connecting, .failure(failure))
    }

    /// Tries each address of the host once.
    private func attempt() async throws(RPCClientError) -> ClientConnection {
        var addresses = [address]
        if !address.isNumeric {
            // One at a time per client: only one attempt runs.
            let found = await BlockingCall.run { [address] in
                Result { () throws(TransportError) in try address.resolved() }
            }
            do throws(TransportError) {
                addresses = try found.get()
            } catch {
                throw .unreachable(error.description)
            }
        }
        var failure = RPCClientError.unreachable("\(address) has no address")
        for candidate in addresses {
            do throws(RPCClientError) {
                return try await ClientConnection.connect(
                    to: candidate, name: address.description, tls: tls, loop: loop,
                    limits: limits)
            } catch {
                failure = error
            }
        }
        throw failure
    }

    private func settle(
        _ connecting: Connecting, _ result: Result<ClientConnection, RPCClientError>
    ) async {
        let isWanted = shared.withLock { shared in
            guard case .connecting(let current) = shared.state, current === connecting else {
                return false
            }
            switch result {
            case .success(let connection):
                shared.backoff.succeeded()
                shared.state = .connected(connection)
            case .failure: shared.state = .idle
            }
            return true
        }
        if !isWanted, case .success(let connection) = result { await connection.close() }
        connecting.fulfil(result)
    }

    private func isCurrent(_ connecting: Connecting) -> Bool {
        shared.withLock { shared in
            guard case .connecting(let current) = shared.state else { return false }
            return current === connecting
        }
    }
}
