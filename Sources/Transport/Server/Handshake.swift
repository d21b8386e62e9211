import Bytes
import DispatchBridge
import Glibc
import TTRPC

/// One TLS handshake of a server, limited in time and bytes.
///
/// `@unchecked Sendable`: everything happens on `owner.loop`.
final class Handshake: EventHandler, @unchecked Sendable {
    /// Ciphertext a client may send before its handshake has ended: more than its certificates.
    private static let receivedBytesMax = 64 * 1024
    /// A fatal alert, protocol_version (RFC 8446 §5.1, §6). OpenSSL sends nothing in reply to
    /// anything but TLS; our own client, and people with a packet dump, understand this.
    private static let notTLSAlert: [UInt8] = [21, 3, 1, 0, 2, 2, 70]

    let socket: Socket
    let address: String
    let session: TLSSession
    let listener: Int
    let network: ClientNetwork?
    private let owner: HandshakeLoop
    private var registration: EventRegistration?
    private var interest: IOEvents = .readable
    private var timer: TimerToken?
    private var receivedCount = 0

    /// Begins; the timer runs.
    ///
    /// - Throws: `TLSError.other` when the kernel refuses to watch the socket.
    init(
        _ socket: Socket, _ address: String, _ session: TLSSession, _ listener: Int,
        _ network: ClientNetwork?, _ owner: HandshakeLoop
    ) throws(TLSError) {
        self.socket = socket
        self.address = address
        self.session = session
        self.listener = listener
        self.network = network
        self.owner = owner
        do throws(EventLoopError) {
            registration = try owner.loop.register(
                socket.descriptor, events: .readable, handler: self)
        } catch {
            throw .other(error.description)
        }
        timer = owner.loop.schedule(after: .seconds(owner.limits.handshakeSecondsMax)) {
            [weak self] in self?.end(.failure(.tooSlow))
        }
    }

    func ready(_ events: IOEvents) {
        if events.includesAny(of: .writable) { flush() }
        guard registration != nil, events.includesAny(of: .readableOrFailed) else { return }
        switch socket.read(into: owner.input) {
        case .count(let count):
            receive(UnsafeRawBufferPointer(rebasing: owner.input[0..<count]))
        case .wouldBlock: break
        case .closed: end(.failure(.closedEarly))
        }
    }

    func turnEnded() {}

    private func receive(_ bytes: UnsafeRawBufferPointer) {
        receivedCount += bytes.count
        do throws(TLSError) {
            try session.receive(bytes)
            if try session.handshake() {
                end(.success(try session.peerCertificate(now: time(nil))))
            } else if receivedCount > Handshake.receivedBytesMax {
                end(.failure(.tooLarge))
            } else {
                flush()
            }
        } catch {
            end(.failure(error))
        }
    }

    /// Sends what is waiting, and watches for room when the socket accepts no more. What is left
    /// when the handshake has ended is sent by the serving connection.
    private func flush() {
        guard let registration else { return }
        while session.unsentCount > 0 {
            switch session.withUnsent({ socket.write($0) }) {
            case .count(let count): session.sent(count)
            case .wouldBlock:
                // A client that reads nothing sends nothing either: one thing at a time.
                watch(registration, .writable)
                return
            case .closed:
                end(.failure(.closedEarly))
                return
            }
        }
        watch(registration, .readable)
    }

    private func watch(_ registration: EventRegistration, _ events: IOEvents) {
        guard events != interest else { return }
        interest = events
        owner.loop.modify(registration, events: events)
    }

    /// Stops watching, and passes on the connection or drops it.
    func end(_ result: Result<PeerCertificate?, TLSError>) {
        guard let registration else { return }
        self.registration = nil
        owner.loop.unregister(registration)
        if let timer { owner.loop.cancel(timer) }
        timer = nil
        if case .failure(let error) = result {
            // The alert that says why, if the socket accepts it.
            if session.unsentCount > 0 { _ = session.withUnsent { socket.write($0) } }
            if error == .notTLS { _ = Handshake.notTLSAlert.withUnsafeBytes { socket.write($0) } }
        }
        owner.ended(self, result)
    }
}
