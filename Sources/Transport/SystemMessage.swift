import Glibc

/// The C library's text for an `errno`.
func systemMessage(_ code: Int32) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer in
        guard let start = buffer.baseAddress, strerror_r(code, start, buffer.count) == 0 else {
            return "errno \(code)"
        }
        return String(cString: start)
    }
}
