import Glibc

/// The C library's text for an `errno`, from `strerror_r(3)`, which unlike `strerror` is
/// thread-safe.
package func systemMessage(_ code: CInt) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer in
        guard let start = buffer.baseAddress, strerror_r(code, start, buffer.count) == 0 else {
            return "error \(code)"
        }
        return String(cString: start)
    }
}
