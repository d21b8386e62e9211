package import Bytes
import Synchronization

/// A key for HMAC (RFC 2104, FIPS 198-1), prepared once and used from any thread.
///
/// A prepared OpenSSL context costs more to make than to use, so used ones are kept and reused:
/// one that is used in place, and one for each thread that finds it in use, at most
/// `idleContextsMax`.
package final class HMACKey: Sendable {
    /// The hash function; a code is as long as its digest.
    package let algorithm: HashAlgorithm

    /// More than the threads of a large machine's worker pool; about 1 KiB each.
    private static let idleContextsMax = 64

    private let key: SecretBytes
    private let context: Mutex<MACContext>
    private let idleContexts = Mutex<[MACContext]>([])

    /// A key of any length, as RFC 2104 §2 allows; the caller decides on a minimum.
    package init(_ algorithm: HashAlgorithm, key: SecretBytes) {
        self.algorithm = algorithm
        self.key = key
        context = Mutex(MACContext(algorithm, key: key))
    }

    /// Writes the code of `message` to `code`, whose count is `algorithm.byteCount`. In the steady
    /// state nothing is allocated on Swift's side.
    package func authenticate(
        _ message: UnsafeRawBufferPointer, into code: UnsafeMutableRawBufferPointer
    ) {
        precondition(code.count == algorithm.byteCount, "no room for the authentication code")
        let isDone: Void? = context.withLockIfAvailable { $0.authenticate(message, into: code) }
        if isDone == nil { authenticateBeside(message, into: code) }
    }

    /// The same while another thread uses the context.
    private func authenticateBeside(
        _ message: UnsafeRawBufferPointer, into code: UnsafeMutableRawBufferPointer
    ) {
        let context =
            idleContexts.withLock { $0.popLast() } ?? MACContext(algorithm, key: key)
        context.authenticate(message, into: code)
        idleContexts.withLock { contexts in
            if contexts.count < HMACKey.idleContextsMax {
                contexts.append(context)
            }
        }
    }

    /// The code of `message`, `algorithm.byteCount` bytes.
    package func authenticationCode(for message: UnsafeRawBufferPointer) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: algorithm.byteCount) { code, initialized in
            let room = UnsafeMutableRawBufferPointer(code)
            authenticate(
                message, into: UnsafeMutableRawBufferPointer(rebasing: room[..<algorithm.byteCount])
            )
            initialized = algorithm.byteCount
        }
    }

    /// Whether `code` is the complete code of `message`, in time that does not reveal where they
    /// differ. A shortened code is not valid.
    package func isValid(
        _ code: UnsafeRawBufferPointer, for message: UnsafeRawBufferPointer
    ) -> Bool {
        withUnsafeTemporaryAllocation(byteCount: algorithm.byteCount, alignment: 1) { expected in
            authenticate(message, into: expected)
            defer { wipe(expected) }
            return constantTimeEqual(code, UnsafeRawBufferPointer(expected))
        }
    }
}
