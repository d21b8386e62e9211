import Glibc

/// Calls of the kernel on Unix sockets that nothing of ours has made.
enum UnixSocket {
    /// Makes a socket that is closed on exec, and connects or binds it.
    ///
    /// - Parameters:
    ///   - type: SOCK_STREAM or SOCK_DGRAM, and more flags.
    ///   - path: where it listens, or whom it calls.
    ///   - name: of the call, for the failure.
    ///   - call: `connect` or `bind`.
    /// - Returns: the descriptor.
    /// - Throws: `SystemFailure`.
    static func make(
        _ type: __socket_type, _ path: String, _ name: String,
        _ call: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) throws -> Int32 {
        let descriptor = socket(
            AF_UNIX, Int32(type.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw SystemFailure("socket") }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                call(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else {
            let failure = SystemFailure(name)
            close(descriptor)
            throw failure
        }
        return descriptor
    }

    /// One that listens, as a socket unit makes it.
    static func listening(at path: String) throws -> Int32 {
        let descriptor = try make(SOCK_STREAM, path, "bind") { bind($0, $1, $2) }
        guard listen(descriptor, 64) == 0 else { throw SystemFailure("listen") }
        return descriptor
    }
}
