import CCurl
import DispatchBridge

/// A libcurl socket in the loop's epoll set. Belongs to the event loop of its `CurlMulti`.
final class CurlSocket: EventHandler {
    private let descriptor: Int32
    private unowned let multi: CurlMulti
    var registration: EventRegistration?

    init(_ descriptor: Int32, _ multi: CurlMulti) {
        self.descriptor = descriptor
        self.multi = multi
    }

    func ready(_ events: IOEvents) {
        var mask: Int32 = 0
        if events.includesAny(of: .readable) { mask |= CURL_CSELECT_IN }
        if events.includesAny(of: .writable) { mask |= CURL_CSELECT_OUT }
        // libcurl finds out by itself what failed: told that it failed, it would not read the
        // response that came before.
        if events.includesAny(of: .failed) { mask |= CURL_CSELECT_IN | CURL_CSELECT_OUT }
        multi.socketReady(descriptor, mask)
    }

    func turnEnded() {}
}
