import COpenSSL

/// Turns ECDSA signatures from JOSE's form (r‖s, each as long as the curve's order; RFC 7518 §3.4)
/// to OpenSSL's (DER of `SEQUENCE { r, s }`) and back; owns one `ECDSA_SIG`.
struct ECDSASignature: ~Copyable {
    private let signature: OpaquePointer

    private init(owning signature: OpaquePointer) {
        self.signature = signature
    }

    deinit {
        ECDSA_SIG_free(signature)
    }

    /// r‖s of `byteCount` bytes, from a signature that OpenSSL has just made.
    ///
    /// - Throws: `libraryFailure`.
    static func raw(_ encoded: [UInt8], byteCount: Int) throws(CryptographyError) -> [UInt8] {
        ErrorQueue.clear()
        let parsed = encoded.withUnsafeBufferPointer { bytes in
            var start = bytes.baseAddress
            return d2i_ECDSA_SIG(nil, &start, bytes.count)
        }
        guard let parsed else { throw ErrorQueue.failure("reading an ECDSA signature") }
        let signature = ECDSASignature(owning: parsed)
        return try signature.numbers(byteCount: byteCount)
    }

    /// The DER of r‖s, two halves of equal length. Whether they are in 1..<n is what verifying
    /// checks (SEC 1 §4.1.4).
    ///
    /// - Throws: `libraryFailure`.
    static func encoded(_ raw: UnsafeRawBufferPointer) throws(CryptographyError) -> [UInt8] {
        ErrorQueue.clear()
        let half = raw.count / 2
        let start = raw.baseAddress?.assumingMemoryBound(to: UInt8.self)
        guard let start, let empty = ECDSA_SIG_new() else {
            throw ErrorQueue.failure("writing an ECDSA signature")
        }
        let signature = ECDSASignature(owning: empty)
        let r = BN_bin2bn(start, Int32(half), nil)
        let s = BN_bin2bn(start + half, Int32(half), nil)
        guard r != nil, s != nil, ECDSA_SIG_set0(signature.signature, r, s) == 1 else {
            // Only `ECDSA_SIG_set0` takes them over, and only when it succeeds.
            BN_free(r)
            BN_free(s)
            throw ErrorQueue.failure("writing an ECDSA signature")
        }
        return try signature.encoded()
    }

    private func numbers(byteCount: Int) throws(CryptographyError) -> [UInt8] {
        let half = Int32(byteCount / 2)
        var raw = [UInt8](repeating: 0, count: byteCount)
        let done = raw.withUnsafeMutableBufferPointer { raw in
            guard let start = raw.baseAddress else { return false }
            return BN_bn2binpad(ECDSA_SIG_get0_r(signature), start, half) == half
                && BN_bn2binpad(ECDSA_SIG_get0_s(signature), start + Int(half), half) == half
        }
        guard done else { throw ErrorQueue.failure("reading an ECDSA signature") }
        return raw
    }

    private func encoded() throws(CryptographyError) -> [UInt8] {
        let count = i2d_ECDSA_SIG(signature, nil)
        guard count > 0 else { throw ErrorQueue.failure("writing an ECDSA signature") }
        var bytes = [UInt8](repeating: 0, count: Int(count))
        let written = bytes.withUnsafeMutableBufferPointer { bytes in
            var start = bytes.baseAddress
            return i2d_ECDSA_SIG(signature, &start)
        }
        guard written == count else { throw ErrorQueue.failure("writing an ECDSA signature") }
        return bytes
    }
}
