import CCurl
import DispatchBridge

/// Owns one `CURLM *`: libcurl's sockets in the epoll set of an event loop, and its one timer.
///
/// Everything happens on the loop, nothing blocks: libcurl says which sockets it waits for and
/// until when, and is called when one is ready or the time has come. Only names are looked up on a
/// libcurl thread, once for a new connection to a name it has not seen for a minute.
///
/// Requests beyond `connectionsMax` wait in our own queue, where their deadline applies.
///
/// `@unchecked Sendable`: each entry point checks that it is called on `loop`, and libcurl calls
/// back only from within; `init` and `deinit` have exclusive access.
final class CurlMulti: @unchecked Sendable {
    /// Why libcurl can't be used; nil when it can.
    private static let loadFailure = ccurl_load().map { String(cString: $0) }

    private let loop: EventLoop
    private let options: HTTPClientOptions
    private let pointer: UnsafeMutableRawPointer
    /// Those that libcurl is working on, by the address of their easy handle.
    private var running: [UnsafeMutableRawPointer: CurlTransfer] = [:]
    private var waiting: [CurlTransfer] = []
    private var sockets: [Int32: CurlSocket] = [:]
    private var timer: TimerToken?
    private var isClosed = false

    /// Loads libcurl, at the first call. Nothing else of this type may be used before.
    static func loadLibrary() throws(HTTPClientError) {
        if let loadFailure { throw .libcurl(loadFailure) }
    }

    /// - Returns: nil when libcurl has no memory.
    init?(loop: EventLoop, options: HTTPClientOptions) {
        guard let pointer = ccurl_multi_init() else { return nil }
        self.loop = loop
        self.options = options
        self.pointer = pointer
        let context = Unmanaged.passUnretained(self).toOpaque()
        check(ccurl_multi_set_socket_callback(pointer, socketChanged))
        check(ccurl_multi_setopt_pointer(pointer, CURLMOPT_SOCKETDATA, context))
        check(ccurl_multi_set_timer_callback(pointer, timerChanged))
        check(ccurl_multi_setopt_pointer(pointer, CURLMOPT_TIMERDATA, context))
        check(
            ccurl_multi_setopt_long(pointer, CURLMOPT_MAXCONNECTS, options.connectionsMax))
        // One request after the other on a connection: no multiplexing in HTTP/1.1.
        check(ccurl_multi_setopt_long(pointer, CURLMOPT_PIPELINING, 0))
    }

    deinit {
        precondition(isClosed, "a multi handle is closed on its loop")
    }

    /// Accepts a transfer; it ends by itself, by its deadline, or by `cancel(id:)`.
    func start(_ transfer: CurlTransfer, timeout: Duration) {
        loop.preconditionOnLoop()
        guard !isClosed else {
            transfer.fail(.closed, "the HTTP client is closed")
            return
        }
        guard running.count < options.connectionsMax || waiting.count < options.waitingMax else {
            transfer.fail(.overloaded, "\(options.waitingMax) requests wait for a connection")
            return
        }
        let id = transfer.id
        transfer.deadline = loop.schedule(after: timeout) { [weak self] in
            self?.end(id, .timedOut, "no response within \(timeout.wholeMilliseconds) ms")
        }
        waiting.append(transfer)
        startWaiting()
    }

    /// Ends a transfer that is still active.
    func cancel(id: UInt64) {
        loop.preconditionOnLoop()
        end(id, .cancelled, "the caller no longer waits")
    }

    /// Ends all transfers and all connections.
    func close() {
        loop.preconditionOnLoop()
        guard !isClosed else { return }
        failAll(.closed, "the HTTP client is closed")
        // Closes the idle connections, and says goodbye to each socket it still watched.
        ccurl_multi_cleanup(pointer)
        isClosed = true
        setTimer(-1)
    }

    /// A socket can be read or written, as `mask` of CURL_CSELECT_ bits says.
    func socketReady(_ descriptor: Int32, _ mask: Int32) {
        loop.preconditionOnLoop()
        act(descriptor, mask)
    }

    // MARK: - Callbacks from libcurl

    /// - Returns: whether the kernel watches the socket as requested.
    fileprivate func watch(_ descriptor: Int32, _ what: Int32) -> Bool {
        if what == CURL_POLL_REMOVE {
            forget(descriptor)
            return true
        }
        var events: IOEvents = []
        if what & CURL_POLL_IN != 0 { events.insert(.readable) }
        if what & CURL_POLL_OUT != 0 { events.insert(.writable) }
        if let registration = sockets[descriptor]?.registration {
            if loop.modifyIfOpen(registration, events: events) { return true }
            // Closed and reopened under the same number.
            forget(descriptor)
        }
        let socket = CurlSocket(descriptor, self)
        do {
            socket.registration = try loop.register(descriptor, events: events, handler: socket)
        } catch {
            return false
        }
        sockets[descriptor] = socket
        return true
    }

    /// libcurl may close a socket first and report it afterwards.
    private func forget(_ descriptor: Int32) {
        guard let registration = sockets.removeValue(forKey: descriptor)?.registration else {
            return
        }
        loop.unregisterIfOpen(registration)
    }

    /// - Parameter milliseconds: until libcurl wants to be called; -1 for never.
    fileprivate func setTimer(_ milliseconds: Int) {
        if let timer { loop.cancel(timer) }
        timer = nil
        guard milliseconds >= 0 else { return }
        // Never at once: libcurl must not be called from its own callback.
        timer = loop.schedule(after: .milliseconds(milliseconds)) { [weak self] in
            self?.timer = nil
            self?.act(ccurl_socket_timeout, 0)
        }
    }

    // MARK: - Transfers

    private func act(_ descriptor: Int32, _ mask: Int32) {
        var count: Int32 = 0
        let code = ccurl_multi_socket_action(pointer, descriptor, mask, &count)
        guard code == CURLM_OK else {
            failAll(.broken, "libcurl: \(String(cString: ccurl_multi_strerror(code)))")
            return
        }
        finishDone()
        startWaiting()
    }

    private func startWaiting() {
        while running.count < options.connectionsMax, !waiting.isEmpty {
            let transfer = waiting.removeFirst()
            running[transfer.pointer] = transfer
            // Arms the timer for now: the work begins on the next turn.
            let code = ccurl_multi_add_handle(pointer, transfer.pointer)
            guard code == CURLM_OK else {
                running[transfer.pointer] = nil
                release(transfer)
                transfer.fail(.broken, "libcurl: \(String(cString: ccurl_multi_strerror(code)))")
                continue
            }
        }
    }

    private func finishDone() {
        var left: Int32 = 0
        while let message = ccurl_multi_info_read(pointer, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle,
                let transfer = running[easy]
            else { continue }
            // Removing the handle frees the message.
            let code = ccurl_message_result(message)
            remove(transfer)
            transfer.finish(code)
        }
    }

    private func end(_ id: UInt64, _ kind: HTTPError.Kind, _ text: String) {
        if let index = waiting.firstIndex(where: { $0.id == id }) {
            let transfer = waiting.remove(at: index)
            release(transfer)
            transfer.fail(kind, text)
        } else if let transfer = running.values.first(where: { $0.id == id }) {
            remove(transfer)
            transfer.fail(kind, text)
            startWaiting()
        }
    }

    private func failAll(_ kind: HTTPError.Kind, _ text: String) {
        for transfer in Array(running.values) {
            remove(transfer)
            transfer.fail(kind, text)
        }
        for transfer in waiting {
            release(transfer)
            transfer.fail(kind, text)
        }
        waiting = []
    }

    /// Removes a transfer from libcurl. Its connection is closed unless the response was complete.
    private func remove(_ transfer: CurlTransfer) {
        let code = ccurl_multi_remove_handle(pointer, transfer.pointer)
        precondition(code == CURLM_OK, "a running transfer is libcurl's")
        running[transfer.pointer] = nil
        release(transfer)
    }

    private func release(_ transfer: CurlTransfer) {
        if let deadline = transfer.deadline { loop.cancel(deadline) }
        transfer.deadline = nil
    }

    private func check(_ code: CURLMcode) {
        precondition(code == CURLM_OK, "libcurl refuses an option: \(code.rawValue)")
    }
}

/// The multi handle never outlives its owner: see `deinit`.
private func multi(_ context: UnsafeMutableRawPointer?) -> CurlMulti? {
    context.map { Unmanaged<CurlMulti>.fromOpaque($0).takeUnretainedValue() }
}

private func socketChanged(
    _: UnsafeMutableRawPointer?, _ descriptor: Int32, _ what: Int32,
    _ context: UnsafeMutableRawPointer?, _: UnsafeMutableRawPointer?
) -> Int32 {
    multi(context)?.watch(descriptor, what) == true ? 0 : -1
}

private func timerChanged(
    _: UnsafeMutableRawPointer?, _ milliseconds: Int, _ context: UnsafeMutableRawPointer?
) -> Int32 {
    multi(context)?.setTimer(milliseconds)
    return 0
}
