import Bytes
import DispatchBridge
import Synchronization
import TTRPC

/// The event loop of a server's TLS listeners and of their handshakes, separate from the loops that
/// serve: a handshake costs a signature, and a flood of them must not slow down connected callers.
/// Half-open connections count here, not among the server's, so that they can't fill these either.
///
/// `@unchecked Sendable`: everything except `counters` happens on `loop`; the counters are written
/// there and read anywhere.
final class HandshakeLoop: @unchecked Sendable {
    /// The buffer for a client's side of a handshake; a certificate chain fits.
    static let inputBytesMax = 16 * 1024
    /// How long session ticket keys are used, in seconds.
    private static let ticketKeySeconds = 12 * 3600

    /// Takes over a connection whose handshake has succeeded.
    typealias Serve = @Sendable (Socket, PeerIdentity, TLSSession) -> Void
    /// Is told about a failed one, with the caller's address.
    typealias Report = @Sendable (String, TLSError) -> Void

    let loop: EventLoop
    let limits: ServerLimits
    /// What a handshake has read, until the end of its `ready(_:)`.
    let input = UnsafeMutableRawBufferPointer.allocate(
        byteCount: HandshakeLoop.inputBytesMax, alignment: 16)
    private let serve: Serve
    private let report: Report
    private var ledger: HandshakeLedger
    private var open: [ObjectIdentifier: Handshake] = [:]
    private var isStopping = false
    private let failed = Atomic<UInt64>(0)
    private let refused = Atomic<UInt64>(0)

    init(
        loop: EventLoop, limits: ServerLimits, report: @escaping Report, serve: @escaping Serve
    ) {
        self.loop = loop
        self.limits = limits
        self.report = report
        self.serve = serve
        ledger = HandshakeLedger(limits: limits)
    }

    deinit {
        input.deallocate()
    }

    /// Changes the ticket keys now and then, for as long as the loop runs.
    func keepRotating(_ credentials: TLSCredentials) {
        _ = loop.schedule(after: .seconds(HandshakeLoop.ticketKeySeconds)) { [weak self] in
            credentials.current.rotateTicketKeys()
            self?.keepRotating(credentials)
        }
    }

    /// Begins a handshake, or closes the socket at once.
    func begin(
        _ socket: Socket, _ peer: PeerIdentity, _ credentials: TLSCredentials, listener: Int
    ) {
        guard case .tcp(let address) = peer, !isStopping else { return }
        let network = ClientNetwork(endpoint: address)
        guard ledger.begin(listener: listener, network: network) else {
            refused.wrappingAdd(1, ordering: .relaxed)
            return
        }
        do throws(TLSError) {
            let handshake = try Handshake(
                socket, address, TLSSession(credentials.current), listener, network, self)
            open[ObjectIdentifier(handshake)] = handshake
        } catch {
            ledger.end(listener: listener, network: network)
            failed.wrappingAdd(1, ordering: .relaxed)
            report(address, error)
        }
    }

    /// A handshake has ended; its socket is no longer watched.
    func ended(_ handshake: Handshake, _ result: Result<PeerCertificate?, TLSError>) {
        open[ObjectIdentifier(handshake)] = nil
        ledger.end(listener: handshake.listener, network: handshake.network)
        switch result {
        case .success(let certificate):
            serve(
                handshake.socket, .tls(address: handshake.address, certificate: certificate),
                handshake.session)
        case .failure(let error):
            failed.wrappingAdd(1, ordering: .relaxed)
            report(handshake.address, error)
        }
    }

    /// Ends all open ones and begins no more.
    func stop() {
        isStopping = true
        for handshake in Array(open.values) {
            handshake.end(.failure(.closedEarly))
        }
    }

    func add(to counters: inout ServerCounters) {
        counters.handshakesFailed += failed.load(ordering: .relaxed)
        counters.handshakesRefused += refused.load(ordering: .relaxed)
    }
}
