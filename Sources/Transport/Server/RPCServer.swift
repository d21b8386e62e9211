package import DispatchBridge
import Synchronization
package import TTRPC

/// Serves a router on listeners, with connections spread over event loops.
package final class RPCServer: Sendable {
    private let listeners: [Listener]
    private let acceptors = Mutex<[Acceptor]>([])
    private let serverLoops: [ServerLoop]
    private let ledger: ConnectionLedger
    private let nextLoop = Atomic<Int>(0)

    /// - Parameters:
    ///   - listeners: accepted from after `start()`.
    ///   - router: what is served.
    ///   - limits: for all connections together and each.
    ///   - loopCount: how many event loops, at least one; about one for two cores.
    /// - Throws: `EventLoopError` when the kernel gives no descriptors.
    package init(
        listeners: [Listener], router: Router, limits: ServerLimits = ServerLimits(),
        loopCount: Int = 1
    ) throws(EventLoopError) {
        precondition(loopCount > 0, "a server needs a loop")
        self.listeners = listeners
        ledger = ConnectionLedger(limits: limits)
        var serverLoops: [ServerLoop] = []
        for index in 0..<loopCount {
            let loop = try EventLoop(label: "server.loop.\(index)")
            serverLoops.append(
                ServerLoop(loop: loop, router: router, limits: limits, ledger: ledger))
        }
        self.serverLoops = serverLoops
    }

    /// The loops, for others who have work for them.
    package var loops: [EventLoop] { serverLoops.map(\.loop) }

    /// Begins to accept.
    ///
    /// - Throws: `EventLoopError` when the kernel refuses to watch a listener.
    package func start() async throws(EventLoopError) {
        for (index, listener) in listeners.enumerated() {
            let loop = serverLoops[index % serverLoops.count].loop
            let acceptor = Acceptor(
                loop: loop, descriptor: listener.socket.descriptor, accept: listener.accept,
                serve: { self.serve($0, $1) })
            let started = Promise<Result<Void, EventLoopError>>()
            loop.execute {
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

    /// Stops: no new connections, no new calls (UNAVAILABLE), idle connections are closed, and those
    /// with calls when the calls have ended.
    ///
    /// - Parameter grace: how long calls may take; then their connections are closed and they are
    ///   cancelled.
    /// - Returns: whether all calls have ended in time.
    @discardableResult
    package func stop(grace: Duration) async -> Bool {
        await stopAccepting()
        ledger.stop()
        for serverLoop in serverLoops {
            serverLoop.loop.execute { serverLoop.drain() }
        }
        let outcome = Promise<Bool>()
        serverLoops[0].loop.execute { [serverLoops] in
            _ = serverLoops[0].loop.schedule(after: grace) { outcome.fulfil(false) }
        }
        let drained = Task { [ledger] in
            await ledger.drained.value()
            outcome.fulfil(true)
        }
        let isDrained = await outcome.value()
        drained.cancel()
        for serverLoop in serverLoops {
            serverLoop.loop.execute { serverLoop.closeAll() }
            await serverLoop.loop.shutdown()
        }
        return isDrained
    }

    /// The numbers now.
    package var counters: ServerCounters {
        var counters = ledger.counters
        for serverLoop in serverLoops {
            serverLoop.add(to: &counters)
        }
        return counters
    }

    private func stopAccepting() async {
        let stopping = acceptors.withLock { acceptors in
            defer { acceptors = [] }
            return acceptors
        }
        for (index, acceptor) in stopping.enumerated() {
            let stopped = Promise<Void>()
            serverLoops[index % serverLoops.count].loop.execute {
                acceptor.stop()
                stopped.fulfil(())
            }
            await stopped.value()
        }
        for listener in listeners {
            listener.stop()
        }
    }

    private func serve(_ socket: Socket, _ peer: PeerIdentity) {
        // Without admission the socket is closed here, at once.
        guard let id = ledger.admit(peer) else { return }
        let turn = nextLoop.wrappingAdd(1, ordering: .relaxed).oldValue
        let serverLoop = serverLoops[Int(UInt(bitPattern: turn) % UInt(serverLoops.count))]
        let info = ConnectionInfo(id: id, peer: peer)
        if serverLoop.loop.isOnLoop {
            serverLoop.serve(socket, info)
        } else {
            serverLoop.loop.execute { serverLoop.serve(socket, info) }
        }
    }
}
