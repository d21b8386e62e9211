import COpenSSL

/// OpenSSL's error queue of the current thread.
///
/// A function that may fail clears it before its first OpenSSL call and reads it, or clears it
/// again, before it returns: a stale entry would be taken for the next failure (such as one of
/// TLS).
enum ErrorQueue {
    static func clear() {
        ERR_clear_error()
    }

    /// The newest entry as an error of `operation`; the queue is empty afterwards.
    static func failure(_ operation: StaticString) -> CryptographyError {
        let code = ERR_peek_last_error()
        ERR_clear_error()
        return .libraryFailure(operation: "\(operation)", code: UInt(code))
    }

    /// Stops the process: for operations that fail only if memory or the installation fails, and
    /// whose callers could do nothing safe instead.
    static func stop(_ operation: StaticString) -> Never {
        fatalError("\(failure(operation))")
    }
}
