import Bytes
import Glibc
import TTRPC

/// A Unix socket without a client behind it, for bytes that no client would send.
///
/// Its calls block their thread, for 15 s at most.
final class RawConnection: Sendable {
    private let descriptor: Int32

    init(path: String) throws {
        descriptor = try RawConnection.connect(path)
        var limit = timeval(tv_sec: 15, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
    }

    deinit {
        close(descriptor)
    }

    /// Connects and gives the descriptor.
    static func connect(_ path: String) throws -> Int32 {
        try UnixSocket.make(SOCK_STREAM, path, "connect") { Glibc.connect($0, $1, $2) }
    }

    /// Sends all of `bytes`; false when the peer has closed.
    @discardableResult
    func send(_ bytes: [UInt8]) throws -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(
                    descriptor, $0.baseAddress.map { $0 + sent }, $0.count - sent,
                    Int32(MSG_NOSIGNAL))
            }
            if count < 0 {
                if errno == EPIPE || errno == ECONNRESET { return false }
                throw SystemFailure("send")
            }
            sent += count
        }
        return true
    }

    /// As many of `bytes` as the socket takes now; nil when the peer has closed.
    func sendWithoutWaiting(_ bytes: [UInt8]) throws -> Int? {
        let count = bytes.withUnsafeBytes {
            Glibc.send(
                descriptor, $0.baseAddress, $0.count,
                Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
        }
        guard count < 0 else { return count }
        if errno == EPIPE || errno == ECONNRESET { return nil }
        guard errno == EAGAIN else { throw SystemFailure("send") }
        return 0
    }

    /// The next frame; nil when the peer has closed.
    func receive() throws -> RawFrame? {
        guard let head = try receive(FrameHeader.byteCount) else { return nil }
        let header = head.withUnsafeBytes { FrameHeader(reading: $0) }
        guard let data = try receive(Int(header.length)) else { return nil }
        return RawFrame(header: header, data: data)
    }

    private func receive(_ count: Int) throws -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var received = 0
        while received < count {
            let step = bytes.withUnsafeMutableBytes {
                recv(descriptor, $0.baseAddress.map { $0 + received }, count - received, 0)
            }
            if step == 0 || step < 0 && errno == ECONNRESET { return nil }
            guard step > 0 else { throw SystemFailure("recv") }
            received += step
        }
        return bytes
    }
}

/// A system call that failed.
struct SystemFailure: Error, CustomStringConvertible {
    let call: String
    let code: Int32

    init(_ call: String) {
        self.call = call
        code = errno
    }

    var description: String { "\(call): \(String(cString: strerror(code)))" }
}
