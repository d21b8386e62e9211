import Bytes
import DispatchBridge
import Synchronization
import TTRPC

/// One event loop of a server, with what its connections share: buffers, rules and counters.
///
/// `@unchecked Sendable`: buffers and connections are only touched on `loop`; the counters are
/// written there and read anywhere.
final class ServerLoop: @unchecked Sendable {
    /// One read takes at most this much, so that a busy connection does not hold up the others.
    static let inputBytesMax = 64 * 1024
    /// Answers collected before a write; what one read of small requests can produce.
    static let outputBytesMax = 256 * 1024

    let loop: EventLoop
    let router: Router
    let limits: ServerLimits
    let ledger: ConnectionLedger
    /// What a connection has read, until the end of its `ready(_:)`; then wiped.
    let input = UnsafeMutableRawBufferPointer.allocate(
        byteCount: ServerLoop.inputBytesMax, alignment: 16)
    /// What it answers, until the end of its `ready(_:)`; then wiped.
    let output = UnsafeMutableRawBufferPointer.allocate(
        byteCount: ServerLoop.outputBytesMax, alignment: 16)
    var outputCount = 0
    private var connections: [ObjectIdentifier: ServerConnection] = [:]
    private var isDraining = false
    /// Calls that were not answered at once.
    private let requests = Atomic<UInt64>(0)
    /// Those that were, by `MethodDescriptor.index`.
    private let answersAtOnce: UnsafeMutablePointer<Atomic<UInt64>>
    private let requestsRefused = Atomic<UInt64>(0)

    init(loop: EventLoop, router: Router, limits: ServerLimits, ledger: ConnectionLedger) {
        self.loop = loop
        self.router = router
        self.limits = limits
        self.ledger = ledger
        answersAtOnce = .allocate(capacity: router.methodCount)
        for index in 0..<router.methodCount {
            (answersAtOnce + index).initialize(to: Atomic(0))
        }
    }

    deinit {
        answersAtOnce.deinitialize(count: router.methodCount)
        answersAtOnce.deallocate()
        input.deallocate()
        output.deallocate()
    }

    /// Serves a connection that the ledger has admitted.
    ///
    /// - Parameters:
    ///   - socket: open.
    ///   - info: about the connection.
    ///   - tls: its session, with the handshake done; nil for a plain one.
    func serve(_ socket: Socket, _ info: ConnectionInfo, _ tls: TLSSession?) {
        guard !isDraining,
            let connection = ServerConnection(
                socket: socket, info: info, server: self, tls: tls)
        else {
            ledger.release(info.peer)
            return
        }
        connections[ObjectIdentifier(connection)] = connection
        if let tls { connection.handleDecrypted(tls) }
    }

    /// A connection is closed; its calls may still be running.
    func closed(_ connection: ServerConnection) {
        connections[ObjectIdentifier(connection)] = nil
    }

    /// No new calls; connections without any are closed, the others when theirs have ended.
    func drain() {
        isDraining = true
        for connection in Array(connections.values) {
            connection.drain()
        }
    }

    /// Calls that still run are answered with CANCELLED.
    func closeAll() {
        for connection in Array(connections.values) {
            connection.closeAnswering()
        }
    }

    // One writer, the loop: a plain addition, made visible to others.
    func countRequest() {
        requests.store(requests.load(ordering: .relaxed) &+ 1, ordering: .relaxed)
    }

    func countAnswerAtOnce(_ index: Int) {
        let value = answersAtOnce[index].load(ordering: .relaxed)
        answersAtOnce[index].store(value &+ 1, ordering: .relaxed)
    }

    func countRefusal() {
        requestsRefused.store(
            requestsRefused.load(ordering: .relaxed) &+ 1, ordering: .relaxed)
    }

    func add(to counters: inout ServerCounters) {
        counters.requests += requests.load(ordering: .relaxed)
        for index in 0..<router.methodCount {
            let count = answersAtOnce[index].load(ordering: .relaxed)
            counters.requests += count
            counters.answersAtOnce[index] += count
        }
        counters.requestsRefused += requestsRefused.load(ordering: .relaxed)
    }
}
