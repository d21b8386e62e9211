package import Bytes
import Clocks
package import DispatchBridge
import Glibc
import Synchronization
package import TTRPC

/// One connection to a server, with any number of calls in flight.
///
/// `@unchecked Sendable`: everything except `call` and the flag `isUsable` happens on `loop`.
package final class ClientConnection: EventHandler, @unchecked Sendable {
    /// One read takes at most this much.
    private static let inputBytesMax = 64 * 1024

    let loop: EventLoop
    private let limits: RPCClientLimits
    /// nil for a plain connection.
    let tls: TLSSession?
    /// The server's name in messages.
    let name: String
    private let usable = Atomic<Bool>(true)
    private let connected = Promise<Result<Void, RPCClientError>>()

    private(set) var socket: Socket?
    private var registration: EventRegistration?
    private var interest: IOEvents = .writable
    private var isConnecting = true
    var isHandshaking = false
    /// Whether the server has ever sent a byte of an answer.
    private(set) var hasReceived = false
    private var connectTimer: TimerToken?
    private var decoder: FrameDecoder
    private var machine: ClientStateMachine<PendingCall>
    let input = UnsafeMutableRawBufferPointer.allocate(
        byteCount: ClientConnection.inputBytesMax, alignment: 16)
    var output = ByteQueue()
    /// Total bytes put into `output`, and accepted by the socket.
    private var queuedCount: UInt64 = 0
    var sentCount: UInt64 = 0
    var isBlocked = false
    private var isFlushAwaited = false
    private var closesWhenIdle = false
    /// Why the server does not let us in, if that arrived before a call had begun.
    private var refusal: RPCClientError?

    private init(
        socket: Socket, name: String, tls: TLSSession?, loop: EventLoop, limits: RPCClientLimits
    ) {
        self.socket = socket
        self.name = name
        self.tls = tls
        self.loop = loop
        self.limits = limits
        decoder = FrameDecoder(
            frameBytesMax: limits.frameBytesMax, dataBytesMax: limits.frameBytesMax)
        machine = ClientStateMachine(lastID: limits.streamIDMax)
    }

    deinit {
        input.deallocate()
    }

    // MARK: - From any task

    /// Connects to `address`, which is numeric, and does the TLS handshake.
    ///
    /// - Parameters:
    ///   - address: where to.
    ///   - name: the server's name in messages; nil for `address`.
    ///   - tls: for `tls:`, and not nil then.
    ///   - loop: where the connection lives.
    ///   - limits: its limits.
    /// - Returns: the connection. With TLS 1.3 the server may still refuse our certificate: then
    ///   the first calls fail with `.untrusted`.
    /// - Throws: `RPCClientError.unreachable`, also when it takes longer than `connectSecondsMax`;
    ///   `.untrusted`.
    package static func connect(
        to address: SocketAddress, name: String? = nil, tls: TLSContext? = nil, loop: EventLoop,
        limits: RPCClientLimits = RPCClientLimits()
    ) async throws(RPCClientError) -> ClientConnection {
        let socket: Socket
        do throws(TransportError) {
            guard address.isTLS == (tls != nil), address.isNumeric else {
                throw .tlsNotSetUp(address.description)
            }
            socket = try Socket(for: address)
        } catch {
            throw .unreachable(error.description)
        }
        if case .unix = address.form {} else { socket.disableNagle() }
        if case .failed(let code) = socket.connect(to: address) {
            throw .unreachable("\(address): \(systemMessage(code))")
        }
        // Connected or in progress, the socket becomes writable when the outcome is known.
        let session = try tls.map(ClientConnection.session)
        let connection = ClientConnection(
            socket: socket, name: name ?? address.description, tls: session, loop: loop,
            limits: limits)
        loop.execute { connection.watch() }
        try await connection.connected.value().get()
        return connection
    }

    /// Whether new calls can succeed here.
    package var isUsable: Bool { usable.load(ordering: .relaxed) }

    /// Makes a call.
    ///
    /// - Parameters:
    ///   - service: the full name.
    ///   - method: the short name.
    ///   - payload: the encoded request.
    ///   - metadata: sent along.
    ///   - deadline: enforced here and sent to the server as the remaining time.
    /// - Returns: the encoded answer.
    /// - Throws: `RPCClientError`.
    package func call(
        service: String, method: String, payload: SecretBytes, metadata: [MetadataPair] = [],
        deadline: ContinuousClock.Instant? = nil
    ) async throws(RPCClientError) -> SecretBytes {
        guard !Task.isCancelled else { throw .cancelled }
        let call = PendingCall(
            service: service, method: method, payload: payload, metadata: metadata,
            deadline: deadline)
        loop.execute { self.start(call) }
        let result = await call.result.value {
            self.loop.execute { self.giveUp(call, .cancelled) }
        }
        return try result.get()
    }

    /// Closes now; waiting calls fail.
    package func close() async {
        let closed = Promise<Void>()
        loop.execute {
            self.end(.closed)
            closed.fulfil(())
        }
        await closed.value()
    }

    /// Takes no new calls, and closes when the last one has its answer.
    func retire() {
        usable.store(false, ordering: .relaxed)
        loop.execute {
            self.closesWhenIdle = true
            self.closeIfIdle()
        }
    }

    // MARK: - Connecting

    private func watch() {
        guard let socket else { return }
        do throws(EventLoopError) {
            registration = try loop.register(
                socket.descriptor, events: .writable, handler: self)
        } catch {
            end(.unreachable(error.description))
            return
        }
        connectTimer = loop.schedule(after: .seconds(limits.connectSecondsMax)) { [weak self] in
            self?.end(.unreachable("the server does not answer"))
        }
    }

    private func finishConnecting(_ socket: Socket) {
        let code = socket.pendingError()
        guard code == 0 else {
            end(.unreachable(systemMessage(code)))
            return
        }
        isConnecting = false
        settle()
        if let tls {
            isHandshaking = true
            handshake(tls)
        } else {
            finishedConnecting()
        }
    }

    /// Calls are now possible.
    func finishedConnecting() {
        if let connectTimer { loop.cancel(connectTimer) }
        connectTimer = nil
        connected.fulfil(.success(()))
    }

    // MARK: - Events

    package func ready(_ events: IOEvents) {
        guard let socket else { return }
        if isConnecting {
            finishConnecting(socket)
            return
        }
        if events.contains(.writable) {
            isBlocked = false
            flush()
        }
        guard events.includesAny(of: .readableOrFailed) else { return }
        switch socket.read(into: input) {
        case .count(let count):
            let bytes = UnsafeMutableRawBufferPointer(rebasing: input[0..<count])
            if let tls {
                receive(UnsafeRawBufferPointer(bytes), tls)
            } else {
                parse(UnsafeRawBufferPointer(bytes))
                wipe(bytes)
            }
            closeIfIdle()
        case .wouldBlock: break
        case .closed: end(isHandshaking ? .untrusted(closedEarly) : .connectionLost)
        }
    }

    package func turnEnded() {
        isFlushAwaited = false
        if !isBlocked { flush() }
    }

    func parse(_ bytes: UnsafeRawBufferPointer) {
        if tls == nil, !hasReceived, ClientConnection.isTLSAlert(bytes) {
            end(.untrusted("\(name) speaks TLS: write tls:HOST:PORT"))
            return
        }
        hasReceived = hasReceived || !bytes.isEmpty
        var rest = bytes
        while socket != nil {
            switch decoder.next(&rest) {
            case .needMore: return
            case .frame(let header, let data):
                switch machine.receive(header) {
                case .deliver(let call): deliver(data, to: call)
                case .ignore: break
                case .violation: end(.connectionLost)
                }
            case .tooLarge, .violation: end(.connectionLost)
            }
        }
    }

    private func deliver(_ data: UnsafeRawBufferPointer, to call: PendingCall) {
        do throws(EnvelopeError) {
            let answer = try ResponseEnvelope(decoding: data)
            if let status = answer.status {
                finish(call, .failure(.refused(RPCError(status: status))))
            } else {
                finish(call, .success(SecretBytes(copying: answer.payload)))
            }
        } catch {
            finish(call, .failure(.invalidAnswer))
        }
    }

    // MARK: - Calls

    private func start(_ call: PendingCall) {
        guard socket != nil else {
            finish(call, .failure(refusal ?? .notSent))
            return
        }
        var request = OutgoingRequest(
            service: call.service, method: call.method, payload: call.payload,
            metadata: call.metadata)
        if let deadline = call.deadline {
            let left = deadline - ContinuousClock.now
            guard left > .zero else {
                finish(call, .failure(.deadlineExceeded))
                return
            }
            request.timeoutNanoseconds = max(1, left.wholeNanoseconds)
            call.timer = loop.schedule(after: left) { [weak self] in
                self?.giveUp(call, .deadlineExceeded)
            }
        }
        let count = FrameEncoder.requestByteCount(request)
        guard count - FrameHeader.byteCount <= limits.requestBytesMax else {
            finish(call, .failure(.requestTooLarge))
            return
        }
        guard machine.pendingCount < limits.pendingCallsMax,
            output.isEmpty || output.count + count <= limits.unsentBytesMax
        else {
            finish(call, .failure(.tooManyCalls))
            return
        }
        guard let streamID = machine.start(call) else {
            finish(call, .failure(.notSent))
            return
        }
        if machine.isExhausted { usable.store(false, ordering: .relaxed) }
        call.streamID = streamID
        FrameEncoder.writeRequest(request, streamID: streamID, to: output.reserve(count))
        output.commit(count)
        queuedCount += UInt64(count)
        call.frameEnd = queuedCount
        guard !isFlushAwaited else { return }
        isFlushAwaited = true
        loop.notifyAtEndOfTurn(self)
    }

    /// Nobody is waiting any more; the answer, should it arrive, is ignored.
    private func giveUp(_ call: PendingCall, _ error: RPCClientError) {
        _ = machine.forget(call.streamID)
        finish(call, .failure(error))
        closeIfIdle()
    }

    private func finish(_ call: PendingCall, _ result: Result<SecretBytes, RPCClientError>) {
        if let timer = call.timer { loop.cancel(timer) }
        call.timer = nil
        call.result.fulfil(result)
    }

    // MARK: - Output

    func flush() {
        if let tls { return flush(tls) }
        while !output.isEmpty, !isBlocked, let socket {
            switch socket.write(output.bytes) {
            case .count(let count):
                output.consume(count)
                sentCount += UInt64(count)
            case .wouldBlock: isBlocked = true
            case .closed: end(.connectionLost)
            }
        }
        if output.isEmpty { output.reset() }
        settle()
    }

    func settle() {
        guard let registration, !isConnecting else { return }
        let wanted: IOEvents = isBlocked ? [.readable, .writable] : .readable
        guard wanted != interest else { return }
        interest = wanted
        loop.modify(registration, events: wanted)
    }

    // MARK: - The end

    private func closeIfIdle() {
        if closesWhenIdle, machine.pendingCount == 0 { end(.closed) }
    }

    func end(_ error: RPCClientError) {
        guard socket != nil else { return }
        if let tls { sayGoodbye(tls) }
        if case .untrusted = error { refusal = error }
        usable.store(false, ordering: .relaxed)
        if let registration { loop.unregister(registration) }
        registration = nil
        socket = nil
        if let connectTimer { loop.cancel(connectTimer) }
        connectTimer = nil
        output.reset()
        connected.fulfil(.failure(error))
        for call in machine.close() {
            // A server never sees a request whose frame was cut short.
            let wasSent = sentCount >= call.frameEnd
            // If the server does not let us in, it would not do so next time either.
            if case .untrusted = error {
                finish(call, .failure(error))
            } else {
                finish(call, .failure(wasSent ? error : .notSent))
            }
        }
    }
}
