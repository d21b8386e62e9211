import Foundation
import Glibc
import Synchronization

/// A server on 127.0.0.1 that does what a test says, byte by byte, on a thread for each connection.
final class LoopbackServer: Sendable {
    let port: UInt16
    private let listener: Int32
    private let connections = Atomic<Int>(0)

    var url: String { "http://127.0.0.1:\(port)" }
    /// How many connections have come.
    var connectionCount: Int { connections.load(ordering: .relaxed) }

    /// - Parameter serve: gets each connection with its number, from 1; it is closed afterwards.
    /// - Throws: `POSIXError` when there is no port to listen on.
    init(_ serve: @escaping @Sendable (Int, LoopbackConnection) -> Void) throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var count = socklen_t(MemoryLayout<sockaddr_in>.size)
        let size = count
        let listener = listener
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listener, address, size) == 0 && listen(listener, 64) == 0
                    && getsockname(listener, address, &count) == 0
            }
        }
        guard isListening else { throw POSIXError(.EADDRNOTAVAIL) }
        port = UInt16(bigEndian: address.sin_port)
        Thread.detachNewThread { [self] in
            while true {
                let descriptor = accept(listener, nil, nil)
                guard descriptor >= 0 else { return }
                let number = connections.add(1, ordering: .relaxed).newValue
                Thread.detachNewThread {
                    let connection = LoopbackConnection(descriptor)
                    serve(number, connection)
                    connection.close()
                }
            }
        }
    }

    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }
}

/// The server's end of one connection. Used by its thread alone.
final class LoopbackConnection {
    private let descriptor: Int32
    private var isOpen = true

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// One request, head and body, or nil at the end.
    func request() -> String? {
        var text = ""
        while true {
            if let head = text.range(of: "\r\n\r\n") {
                let length =
                    text[..<head.lowerBound].lowercased().components(separatedBy: "\r\n")
                    .first { $0.hasPrefix("content-length: ") }
                    .flatMap { Int($0.dropFirst("content-length: ".count)) } ?? 0
                if text[head.upperBound...].utf8.count >= length { return text }
            }
            var room = [UInt8](repeating: 0, count: 65_536)
            let count = read(descriptor, &room, room.count)
            guard count > 0 else { return nil }
            text += String(decoding: room[..<count], as: UTF8.self)
        }
    }

    func send(_ text: String) {
        let bytes = Array(text.utf8)
        _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    /// A whole response with a length.
    func respond(_ body: String, status: String = "200 OK", headers: String = "") {
        send("HTTP/1.1 \(status)\r\n\(headers)Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
    }

    /// Waits until the client closes.
    func waitForEnd() {
        var byte: UInt8 = 0
        while read(descriptor, &byte, 1) > 0 {}
    }

    /// Closes with a reset instead of an end.
    func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(
            descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        close()
    }

    func close() {
        guard isOpen else { return }
        isOpen = false
        Glibc.close(descriptor)
    }
}
