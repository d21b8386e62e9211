import Glibc

/// The words of `errno`.
package enum SystemError {
    /// The error of the system call that this thread made last.
    package static var last: String {
        text(errno)
    }

    /// `strerror_r(3)`, which unlike `strerror` is thread-safe.
    package static func text(_ code: CInt) -> String {
        var buffer = [CChar](repeating: 0, count: 128)
        guard strerror_r(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
        let bytes = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
