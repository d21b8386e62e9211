import DispatchBridge
import TTRPC

/// Takes connections from a listener and passes them on. Lives on one loop.
///
/// `@unchecked Sendable`: everything happens on `loop`.
final class Acceptor: EventHandler, @unchecked Sendable {
    /// Connections accepted before other events of the loop get their turn.
    private static let batchMax = 64
    /// How long to leave the listener alone when there are no descriptors left: it stays ready all
    /// that time, and would keep the loop spinning.
    private static let pauseMilliseconds = 100

    let loop: EventLoop
    private let descriptor: Int32
    private let accept: () -> Listener.AcceptResult
    private let serve: (Socket, PeerIdentity) -> Void
    private var registration: EventRegistration?
    private var pauseTimer: TimerToken?

    /// - Parameters:
    ///   - loop: where it lives.
    ///   - descriptor: the listening socket's, open until `stop()`.
    ///   - accept: takes one connection.
    ///   - serve: gets it.
    init(
        loop: EventLoop, descriptor: Int32, accept: @escaping () -> Listener.AcceptResult,
        serve: @escaping (Socket, PeerIdentity) -> Void
    ) {
        self.loop = loop
        self.descriptor = descriptor
        self.accept = accept
        self.serve = serve
    }

    func start() throws(EventLoopError) {
        registration = try loop.register(descriptor, events: .readable, handler: self)
    }

    func stop() {
        if let pauseTimer { loop.cancel(pauseTimer) }
        pauseTimer = nil
        if let registration { loop.unregister(registration) }
        registration = nil
    }

    func ready(_ events: IOEvents) {
        for _ in 0..<Acceptor.batchMax {
            switch accept() {
            case .accepted(let socket, let peer): serve(socket, peer)
            case .aborted: continue
            case .none: return
            case .exhausted:
                pause()
                return
            }
        }
    }

    func turnEnded() {}

    private func pause() {
        guard let registration else { return }
        loop.modify(registration, events: [])
        pauseTimer = loop.schedule(after: .milliseconds(Acceptor.pauseMilliseconds)) {
            [weak self] in
            guard let self, let registration = self.registration else { return }
            pauseTimer = nil
            loop.modify(registration, events: .readable)
        }
    }
}
