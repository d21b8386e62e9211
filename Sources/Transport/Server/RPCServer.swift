package import DispatchBridge
import Synchronization
package import TTRPC

/// Serves a router on listeners, with connections spread over event loops.
package final class RPCServer: Sendable {
    private let listeners: [Listener]
    private let acceptors = Mutex<[Acceptor]>([])
    private let serverLoops: [ServerLoop]
    /// nil without a TLS listener. Set once, in `init`: it refers back to this object.
    private let handshakes = Mutex<HandshakeLoop?>(nil)
    private let ledger: ConnectionLedger
    private let nextLoop = Atomic<Int>(0)

    /// - Parameters:
    ///   - listeners: accepted from after `start()`.
    ///   - router: what is served.
    ///   - limits: for all connections together and for each.
    ///   - loopCount: how many event loops, at least one; about one for two cores. TLS listeners
    ///     share one more, for handshakes.
    ///   - onHandshakeFailure: is told the caller's address and what went wrong, on that loop.
    /// - Throws: `EventLoopError` when the kernel provides no descriptors.
    package init(
        listeners: [Listener], router: Router, limits: ServerLimits = ServerLimits(),
        loopCount: Int = 1,
        onHandshakeFailure: @escaping @Sendable (String, TLSError) -> Void = { _, _ in }
    ) throws(EventLoopError) {
        precondition(loopCount > 0, "a server needs a loop")
        self.listeners = listeners
        let tlsCount = listeners.count { $0.tls != nil }
        ledger = ConnectionLedger(limits: limits, handshakeListeners: tlsCount)
        var serverLoops: [ServerLoop] = []
        for index in 0..<loopCount {
            let loop = try EventLoop(label: "server.loop.\(index)")
            serverLoops.append(
                ServerLoop(loop: loop, router: router, limits: limits, ledger: ledger))
        }
        self.serverLoops = serverLoops
        guard tlsCount > 0 else { return }
        let loop = try EventLoop(label: "server.handshakes")
        handshakes.withLock { handshakes in
            handshakes = HandshakeLoop(
                loop: loop, limits: limits, report: onHandshakeFailure,
                serve: { [weak self] in self?.serve($0, $1, $2) })
        }
    }

    /// The loops, for other work to run on them.
    package var loops: [EventLoop] { serverLoops.map(\.loop) }

    /// Begins to accept.
    ///
    /// - Throws: `EventLoopError` when the kernel refuses to watch a listener.
    package func start() async throws(EventLoopError) {
        for (index, listener) in listeners.enumerated() {
            let acceptor = acceptor(for: listener, index)
            let started = Promise<Result<Void, EventLoopError>>()
            acceptor.loop.execute {
                do throws(EventLoopError) {
                    try acceptor.start()
                    started.fulfil(.success(()))
                } catch {
                    started.fulfil(.failure(error))
                }
            }
            try await started.value().get()
            acceptors.withLock { $0.append(acceptor) }
        }
    }

    private func acceptor(for listener: Listener, _ index: Int) -> Acceptor {
        let descriptor = listener.socket.descriptor
        if let tls = listener.tls, let handshakes = handshakes.withLock({ $0 }) {
            handshakes.loop.execute { handshakes.keepRotating(tls) }
            return Acceptor(
                loop: handshakes.loop, descriptor: descriptor, accept: listener.accept,
                serve: { handshakes.begin($0, $1, tls, listener: index) })
        }
        return Acceptor(
            loop: serverLoops[index % serverLoops.count].loop, descriptor: descriptor,
            accept: listener.accept, serve: { self.serve($0, $1, nil) })
    }

    /// Returns when every loop has done a piece of work submitted after this call; never once
    /// stopping has begun.
    package func answerOnAllLoops() async {
        for loop in loops + handshakes.withLock({ [$0?.loop].compactMap(\.self) }) {
            let answered = Promise<Void>()
            loop.execute { answered.fulfil(()) }
            await answered.value()
        }
    }

    /// Stops: no new connections, no new calls (UNAVAILABLE), idle connections are closed, and
    /// those with calls when their calls have ended.
    ///
    /// - Parameter grace: how long calls may take; then their connections are closed and they are
    ///   cancelled.
    /// - Returns: whether all calls have ended in time.
    @discardableResult
    package func stop(grace: Duration) async -> Bool {
        await stopAccepting()
        let handshakes = handshakes.withLock { $0 }
        if let handshakes {
            handshakes.loop.execute { handshakes.stop() }
            await handshakes.loop.shutdown()
        }
        ledger.stop()
        for serverLoop in serverLoops {
            serverLoop.loop.execute { serverLoop.drain() }
        }
        let outcome = Promise<Bool>()
        serverLoops[0].loop.execute { [serverLoops] in
            _ = serverLoops[0].loop.schedule(after: grace) { outcome.fulfil(false) }
        }
        // It ends in any case: what is left of the connections is closed below.
        Task { [ledger] in
            await ledger.drained.value()
            outcome.fulfil(true)
        }
        let isDrained = await outcome.value()
        for serverLoop in serverLoops {
            serverLoop.loop.execute { serverLoop.closeAll() }
            await serverLoop.loop.shutdown()
        }
        return isDrained
    }

    /// The current counters.
    package var counters: ServerCounters {
        var counters = ledger.counters
        counters.answersAtOnce = Array(repeating: 0, count: serverLoops[0].router.methodCount)
        for serverLoop in serverLoops {
            serverLoop.add(to: &counters)
        }
        handshakes.withLock { $0 }?.add(to: &counters)
        return counters
    }

    private func stopAccepting() async {
        let stopping = acceptors.withLock { acceptors in
            defer { acceptors = [] }
            return acceptors
        }
        for acceptor in stopping {
            let stopped = Promise<Void>()
            acceptor.loop.execute {
                acceptor.stop()
                stopped.fulfil(())
            }
            await stopped.value()
        }
        for listener in listeners {
            listener.stop()
        }
    }

    private func serve(_ socket: Socket, _ peer: PeerIdentity, _ tls: TLSSession?) {
        // If not admitted, the socket is closed here, at once.
        guard let id = ledger.admit(peer) else { return }
        let turn = nextLoop.wrappingAdd(1, ordering: .relaxed).oldValue
        let serverLoop = serverLoops[Int(UInt(bitPattern: turn) % UInt(serverLoops.count))]
        let info = ConnectionInfo(id: id, peer: peer)
        if serverLoop.loop.isOnLoop {
            serverLoop.serve(socket, info, tls)
        } else {
            serverLoop.loop.execute { serverLoop.serve(socket, info, tls) }
        }
    }
}
