import Bytes
import COpenSSL

/// Owns one `EVP_MAC_CTX` with an HMAC key in it.
///
/// `@unchecked Sendable`: whoever holds one has taken it from `HMACKey`'s pool, so one thread
/// uses it at a time, and the pool's lock orders one use after the other.
final class MACContext: @unchecked Sendable {
    private let context: OpaquePointer

    /// A context that holds `key` until it is freed; OpenSSL wipes its copy then.
    init(_ algorithm: HashAlgorithm, key: SecretBytes) {
        guard let method = EVP_MAC_fetch(nil, "HMAC", nil),
            let context = EVP_MAC_CTX_new(method)
        else { ErrorQueue.stop("finding HMAC") }
        // The context holds its own reference.
        EVP_MAC_free(method)
        self.context = context
        let digestName = UnsafeMutablePointer(mutating: algorithm.name.cString)
        let digestParameter: StaticString = "digest"
        let parameters = [
            OSSL_PARAM_construct_utf8_string(digestParameter.cString, digestName, 0),
            OSSL_PARAM_construct_end(),
        ]
        // An empty key must still have a pointer: null would mean "the previous key".
        let done = key.withUnsafeBytes { bytes in
            withUnsafeBytes(of: UInt8(0)) { none in
                let start = bytes.baseAddress ?? none.baseAddress
                return EVP_MAC_init(
                    context, start?.assumingMemoryBound(to: UInt8.self), bytes.count, parameters)
            }
        }
        if done != 1 {
            ErrorQueue.stop("setting an HMAC key")
        }
    }

    deinit {
        EVP_MAC_CTX_free(context)
    }

    /// Writes the code of `message` to `code`, which has exactly its length.
    func authenticate(_ message: UnsafeRawBufferPointer, into code: UnsafeMutableRawBufferPointer) {
        let input = message.baseAddress?.assumingMemoryBound(to: UInt8.self)
        let output = code.baseAddress?.assumingMemoryBound(to: UInt8.self)
        var written = 0
        // Without a key, init starts a new message under the previous key.
        guard EVP_MAC_init(context, nil, 0, nil) == 1,
            message.isEmpty || EVP_MAC_update(context, input, message.count) == 1,
            EVP_MAC_final(context, output, &written, code.count) == 1, written == code.count
        else { ErrorQueue.stop("computing an HMAC") }
    }
}
