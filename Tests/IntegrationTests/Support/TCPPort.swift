import Foundation
import Glibc

/// A port of 127.0.0.1 that nobody listens on when it is made. The kernel's own choice would be
/// known to the daemon only.
struct TCPPort {
    let number: UInt16

    var address: String { "tcp:127.0.0.1:\(number)" }

    init() throws {
        number = try TCPPort.withSocket(port: 0) { descriptor, address, size in
            var size = size
            guard bind(descriptor, address, size) == 0,
                getsockname(descriptor, address, &size) == 0
            else { throw SystemFailure("bind") }
            return address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                UInt16(bigEndian: $0.pointee.sin_port)
            }
        }
    }

    /// Whether a connection can be made.
    func isListenedOn() throws -> Bool {
        try TCPPort.withSocket(port: number) { descriptor, address, size in
            if connect(descriptor, address, size) == 0 { return true }
            guard errno == ECONNREFUSED else { throw SystemFailure("connect") }
            return false
        }
    }

    /// A socket that listens there.
    func listeningSocket() throws -> Int32 {
        try TCPPort.withSocket(port: number) { descriptor, address, size in
            guard bind(descriptor, address, size) == 0, listen(descriptor, 64) == 0 else {
                throw SystemFailure("listen")
            }
            return fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        }
    }

    /// A connection, closed with the handle.
    func connection() throws -> FileHandle {
        try TCPPort.withSocket(port: number) { descriptor, address, size in
            guard connect(descriptor, address, size) == 0 else {
                throw SystemFailure("connect")
            }
            return FileHandle(fileDescriptor: dup(descriptor), closeOnDealloc: true)
        }
    }

    private static func withSocket<Value>(
        port: UInt16,
        _ body: (Int32, UnsafeMutablePointer<sockaddr>, socklen_t) throws -> Value
    ) throws -> Value {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw SystemFailure("socket") }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        return try withUnsafeMutablePointer(to: &address) { pointer in
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                try body(descriptor, $0, size)
            }
        }
    }
}
