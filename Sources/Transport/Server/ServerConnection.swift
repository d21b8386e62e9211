import Bytes
import Clocks
import DispatchBridge
import TTRPC

/// One connection of a server, confined to its event loop.
///
/// Input is parsed where it was read, calls are answered in place if possible, and all answers of
/// one turn go out in one write. Only what a peer leaves unfinished costs memory: a partial frame,
/// input that must wait because too much is in flight, and answers it has not read.
///
/// `@unchecked Sendable`: everything happens on `server.loop`. Tasks of its calls run on that loop
/// by executor preference, and `end(_:_:)` checks it.
final class ServerConnection: EventHandler, @unchecked Sendable {
    let info: ConnectionInfo
    let server: ServerLoop
    private var loop: EventLoop { server.loop }

    /// nil for a plain connection.
    let tls: TLSSession?
    private(set) var socket: Socket?
    private var registration: EventRegistration?
    private var interest: IOEvents = .readable
    private var decoder: FrameDecoder
    var machine: ServerStateMachine
    /// Calls waiting for a task, by stream id.
    var calls: [UInt32: RunningCall] = [:]
    /// Input that was read and must not be parsed yet.
    var held = ByteQueue()
    /// When the first of it was read.
    private var heldSince: BootTime?
    /// The peer has sent all it will, and some of that is held.
    var isInputOver = false
    /// Answers that the socket did not accept, or that came from tasks in this turn.
    private var pending = ByteQueue()
    /// What the state machine was last told about it.
    private var notedUnsentCount = 0
    /// The socket accepts no more for now.
    var isBlocked = false
    /// Input is being handled: answers go to the shared buffer, which is flushed at the end.
    private var isHandling = false
    private var isTurnEndAwaited = false
    private var hasFinishedFrame = false
    private var isReleased = false
    private var halfFrameTimer: TimerToken?
    private var drainTimer: TimerToken?

    /// Starts to serve; nil when the kernel refuses to watch the socket.
    init?(socket: Socket, info: ConnectionInfo, server: ServerLoop, tls: TLSSession?) {
        self.socket = socket
        self.tls = tls
        self.info = info
        self.server = server
        let limits = server.limits
        decoder = FrameDecoder(
            frameBytesMax: limits.frameBytesMax, dataBytesMax: limits.requestBytesMax)
        machine = ServerStateMachine(limits: limits)
        let registered = try? server.loop.register(
            socket.descriptor, events: .readable, handler: self)
        guard let registered else { return nil }
        registration = registered
    }

    /// Frames that are handled before the clock is read. What takes a task is measured each time.
    private static let framesUnmeasuredMax = 8

    var isClosed: Bool { socket == nil }

    // MARK: - Events

    func ready(_ events: IOEvents) {
        if events.includesAny(of: .writable) {
            isBlocked = false
            sendPending()
            resume()
        }
        guard let socket else { return }
        if interest.includesAny(of: .readable) {
            guard events.includesAny(of: .readableOrFailed) else { return }
            switch socket.read(into: server.input) {
            case .count(let count):
                let bytes = UnsafeMutableRawBufferPointer(rebasing: server.input[0..<count])
                if let tls {
                    receive(UnsafeRawBufferPointer(bytes), tls)
                } else {
                    handle(UnsafeRawBufferPointer(bytes))
                    wipe(bytes)
                }
            case .wouldBlock: break
            case .closed: close()
            }
        } else if events.includesAny(of: isGettingOn ? .failed : .closedOrFailed) {
            close()
        }
    }

    func turnEnded() {
        isTurnEndAwaited = false
        guard !isClosed else { return }
        if !isBlocked { sendPending() }
        resume()
    }

    /// Stops taking new calls, and closes as soon as nothing is left to do.
    func drain() {
        machine.drain()
        settle()
    }

    // MARK: - Input

    func handle(_ input: UnsafeRawBufferPointer) {
        var rest = input
        parse(&rest, heldSince: nil)
        guard !isClosed else { return }
        if !rest.isEmpty {
            heldSince = loop.turnStartedAt
            held.append(rest)
        }
        flush()
        settle()
    }

    /// Continues with held input, once there is room again.
    private func resume() {
        guard !isClosed else { return }
        if !held.isEmpty, machine.mayRead {
            let before = held.count
            var rest = held.bytes
            parse(&rest, heldSince: heldSince)
            held.consume(isClosed ? before : before - rest.count)
            if held.isEmpty { held.reset() }
            flush()
            if isInputOver, held.isEmpty { close() }
        }
        settle()
    }

    /// Whether held input waits for nothing but the next turn, so that a peer that has finished
    /// sending is still answered.
    var isGettingOn: Bool { !held.isEmpty && machine.mayRead }

    private func parse(_ rest: inout UnsafeRawBufferPointer, heldSince: BootTime?) {
        isHandling = true
        // Taken out for the loop: a local needs no check for conflicting access at each frame.
        var decoder = FrameDecoder(frameBytesMax: 0, dataBytesMax: 0)
        swap(&decoder, &self.decoder)
        defer {
            swap(&decoder, &self.decoder)
            isHandling = false
        }
        var framesUnmeasured = 0
        while machine.mayRead, !isClosed {
            if framesUnmeasured >= ServerConnection.framesUnmeasuredMax {
                // What is left waits for the next turn, in which others come first.
                guard !loop.isTurnLong else { return }
                framesUnmeasured = 0
            }
            framesUnmeasured += 1
            switch decoder.next(&rest) {
            case .needMore: return
            case .frame(let header, let data):
                hasFinishedFrame = true
                switch machine.receive(header) {
                case .call:
                    let isAnswered = start(header.streamID, data, heldSince: heldSince)
                    if !isAnswered { framesUnmeasured = ServerConnection.framesUnmeasuredMax }
                case .refuse(let refusal): refuse(header.streamID, refusal)
                case .ignore: break
                }
            case .tooLarge(let header):
                hasFinishedFrame = true
                let action = machine.receiveTooLarge(
                    header, requestBytesMax: server.limits.requestBytesMax)
                if case .refuse(let refusal) = action { refuse(header.streamID, refusal) }
            case .violation:
                flush()
                close()
                rest = UnsafeRawBufferPointer(start: nil, count: 0)
            }
        }
    }

    // MARK: - Output

    func refuse(_ streamID: UInt32, _ refusal: RPCRefusal) {
        server.countRefusal()
        send(server.router.error(refusal), on: streamID)
    }

    /// - Throws: the answer to the caller instead of a payload that does not fit into a frame.
    func send(_ payload: SecretBytes, on streamID: UInt32) throws(RPCError) {
        let count = FrameEncoder.responseByteCount(payloadCount: payload.count)
        guard count - FrameHeader.byteCount <= server.limits.frameBytesMax else {
            throw server.router.error(.answerTooLarge)
        }
        payload.withUnsafeBytes { payload in
            write(count) { FrameEncoder.writeResponse(payload, streamID: streamID, to: $0) }
        }
    }

    func send(_ error: RPCError, on streamID: UInt32) {
        let count = FrameEncoder.responseByteCount(status: error.status)
        guard count - FrameHeader.byteCount <= server.limits.frameBytesMax else {
            send(RPCError(error.code, "the error is too large"), on: streamID)
            return
        }
        write(count) { FrameEncoder.writeResponse(error.status, streamID: streamID, to: $0) }
    }

    @inline(__always)
    private func write(_ count: Int, _ body: (UnsafeMutableRawBufferPointer) -> Void) {
        guard !isClosed else { return }
        if isHandling, pending.isEmpty, server.output.count - server.outputCount < count {
            flush()
            guard !isClosed else { return }
        }
        let start = server.outputCount
        if isHandling, pending.isEmpty, server.output.count - start >= count {
            body(UnsafeMutableRawBufferPointer(rebasing: server.output[start..<start + count]))
            server.outputCount = start + count
        } else {
            body(pending.reserve(count))
            pending.commit(count)
            noteUnsent()
            awaitTurnEnd()
        }
    }

    /// Sends the shared buffer, keeps what the socket does not accept, and wipes the buffer.
    private func flush() {
        let count = server.outputCount
        if count > 0 {
            let bytes = UnsafeMutableRawBufferPointer(rebasing: server.output[0..<count])
            var sent = 0
            if !isBlocked, pending.isEmpty { sent = transmit(UnsafeRawBufferPointer(bytes)) }
            if !isClosed, sent < count {
                pending.append(UnsafeRawBufferPointer(rebasing: bytes[sent...]))
            }
            wipe(bytes)
            server.outputCount = 0
        } else if let tls, tls.unsentCount > 0, !isBlocked {
            sendPending()
        }
        noteUnsent()
    }

    private func sendPending() {
        guard unsentCount > 0 else { return }
        let sent = transmit(pending.bytes)
        guard !isClosed else { return }
        pending.consume(sent)
        if pending.isEmpty { pending.reset() }
        noteUnsent()
    }

    /// Tells the state machine what waits to be sent, if that has changed.
    private func noteUnsent() {
        let count = unsentCount
        guard count != notedUnsentCount else { return }
        notedUnsentCount = count
        machine.unsent(count)
    }

    /// What waits to be sent, encrypted already or not yet.
    private var unsentCount: Int {
        guard let tls else { return pending.count }
        return pending.count + tls.unsentCount
    }

    /// Writes until the socket accepts no more; returns how many bytes it accepted.
    private func transmit(_ bytes: UnsafeRawBufferPointer) -> Int {
        if let tls { return transmit(bytes, through: tls) }
        var sent = 0
        while sent < bytes.count, let socket {
            switch socket.write(UnsafeRawBufferPointer(rebasing: bytes[sent...])) {
            case .count(let count): sent += count
            case .wouldBlock:
                isBlocked = true
                if sent > 0 { stopDrainTimer() }
                return sent
            case .closed: close()
            }
        }
        stopDrainTimer()
        return sent
    }

    func awaitTurnEnd() {
        guard !isTurnEndAwaited else { return }
        isTurnEndAwaited = true
        loop.notifyAtEndOfTurn(self)
    }

    // MARK: - What to wait for

    /// Adjusts watches and timers to what there is to wait for.
    private func settle() {
        guard !isClosed, let registration else { return }
        if machine.isDraining, machine.isIdle, held.isEmpty {
            close()
            return
        }
        let isReading = machine.mayRead && held.isEmpty && !isInputOver
        if isGettingOn { awaitTurnEnd() }
        var wanted: IOEvents = isReading ? .readable : .peerClosed
        if isBlocked { wanted.insert(.writable) }
        if wanted != interest {
            interest = wanted
            loop.modify(registration, events: wanted)
        }
        if isBlocked, drainTimer == nil { startDrainTimer() }
        settleHalfFrameTimer()
    }

    /// Closes when the peer has taken nothing by then. That the socket has room again is said late: a
    /// Unix socket that is full tells of it when most of its buffer is free.
    private func startDrainTimer() {
        let untaken = socket?.untakenCount ?? 0
        drainTimer = loop.schedule(after: .seconds(server.limits.drainSecondsMax)) {
            [weak self] in
            guard let self, let socket else { return }
            if socket.untakenCount < untaken { startDrainTimer() } else { close() }
        }
    }

    private func settleHalfFrameTimer() {
        var isInsideFrame = decoder.isInsideFrame
        if let tls, !isInsideFrame { isInsideFrame = tls.isInsideRecord }
        guard isInsideFrame || halfFrameTimer != nil else { return }
        if let timer = halfFrameTimer, hasFinishedFrame || !isInsideFrame {
            loop.cancel(timer)
            halfFrameTimer = nil
        }
        hasFinishedFrame = false
        if isInsideFrame, halfFrameTimer == nil { startHalfFrameTimer() }
    }

    private func startHalfFrameTimer() {
        halfFrameTimer = loop.schedule(after: .seconds(server.limits.halfFrameSecondsMax)) {
            [weak self] in
            guard let self else { return }
            // While we do not read, the peer is not to blame.
            if interest.contains(.readable) { close() } else { startHalfFrameTimer() }
        }
    }

    func stopDrainTimer() {
        guard let timer = drainTimer else { return }
        loop.cancel(timer)
        drainTimer = nil
    }

    // MARK: - The end

    /// Closes at once; calls are cancelled, and the ledger is told when the last has ended.
    func close() {
        guard let registration, socket != nil else { return }
        if let tls { sayGoodbye(tls) }
        loop.unregister(registration)
        self.registration = nil
        socket = nil
        stopDrainTimer()
        if let timer = halfFrameTimer { loop.cancel(timer) }
        halfFrameTimer = nil
        pending.reset()
        if !isHandling { held.reset() }
        server.closed(self)
        cancelCalls()
        releaseIfEnded()
    }

    /// Answers the calls that still run, as far as the peer takes it at once, and closes.
    func closeAnswering() {
        cancelCalls()
        if !isBlocked { sendPending() }
        close()
    }

    func releaseIfEnded() {
        guard isClosed, machine.inFlightCount == 0, !isReleased else { return }
        isReleased = true
        server.ledger.release(info.peer)
    }

    /// A task's call has ended: there may be room for more.
    func callEnded() {
        machine.ended()
        if isClosed {
            releaseIfEnded()
        } else if machine.isDraining || interest.contains(.peerClosed) {
            awaitTurnEnd()
        }
    }
}
