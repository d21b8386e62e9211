import Bytes
import COpenSSL

/// Owns one `EVP_PKEY`: an RSA, P-256, P-384 or Ed25519 key bound to its algorithm.
///
/// `@unchecked Sendable`: the `EVP_PKEY` does not change after `init`, each signature has its own
/// context, and OpenSSL guards the caches inside a key with its own locks.
final class AsymmetricKey: @unchecked Sendable {
    /// Below 2048 bits a modulus is too weak (RFC 7518 §3.3); above 8192 each signature takes long
    /// enough to stall the daemon.
    static let modulusBits = 2048...8192

    let algorithm: SignatureAlgorithm
    let isPrivate: Bool
    private let key: OpaquePointer
    /// The fixed byte count of a signature, in JOSE's form.
    private let signatureByteCount: Int

    /// Reads and checks a key as described at `SignatureKey.init(pem:algorithm:)`.
    init(pem: SecretBytes, algorithm: SignatureAlgorithm?) throws(CryptographyError) {
        let document = try PEMDocument(pem)
        isPrivate = document.isPrivate
        key = try document.readKey()
        do throws(CryptographyError) {
            self.algorithm = try AsymmetricKey.algorithm(of: key, asked: algorithm)
            try AsymmetricKey.check(key)
        } catch {
            // `deinit` runs only after all fields are set.
            EVP_PKEY_free(key)
            throw error
        }
        signatureByteCount =
            switch self.algorithm {
            case .es256, .edDSA: 64
            case .es384: 96
            default: Int(EVP_PKEY_get_size(key))
            }
        try checkPair()
    }

    deinit {
        EVP_PKEY_free(key)
    }

    /// The signature of `message` in JOSE's form.
    ///
    /// - Throws: `signingUnavailable`, `libraryFailure`.
    func sign(_ message: UnsafeRawBufferPointer) throws(CryptographyError) -> [UInt8] {
        guard isPrivate else { throw .signingUnavailable }
        let context = try SignatureContext(key, algorithm, signing: true)
        let signature = try context.sign(message, bytesMax: Int(EVP_PKEY_get_size(key)))
        switch algorithm {
        case .es256, .es384:
            return try ECDSASignature.raw(signature, byteCount: signatureByteCount)
        default:
            return signature
        }
    }

    /// Whether `signature`, in JOSE's form, is valid.
    func isValid(
        _ signature: UnsafeRawBufferPointer, for message: UnsafeRawBufferPointer
    ) -> Bool {
        guard signature.count == signatureByteCount else { return false }
        do throws(CryptographyError) {
            let context = try SignatureContext(key, algorithm, signing: false)
            switch algorithm {
            case .es256, .es384:
                let encoded = try ECDSASignature.encoded(signature)
                return encoded.withUnsafeBytes { context.isValid($0, for: message) }
            default:
                return context.isValid(signature, for: message)
            }
        } catch {
            return false
        }
    }

    /// The big-endian bytes of a number of the public key (`n`, `e`, `qx`, `qy`).
    ///
    /// - Parameters:
    ///   - name: OpenSSL's name of it.
    ///   - count: the bytes to pad to, or nil for as few as needed.
    /// - Returns: the bytes.
    /// - Throws: `libraryFailure`.
    func publicNumber(_ name: String, count: Int?) throws(CryptographyError) -> [UInt8] {
        ErrorQueue.clear()
        var number: OpaquePointer?
        guard EVP_PKEY_get_bn_param(key, name, &number) == 1 else {
            throw ErrorQueue.failure("reading a public key")
        }
        defer { BN_free(number) }
        let count = count ?? Int(BN_num_bits(number) + 7) / 8
        var bytes = [UInt8](repeating: 0, count: count)
        guard BN_bn2binpad(number, &bytes, Int32(count)) == Int32(count) else {
            throw ErrorQueue.failure("reading a public key")
        }
        return bytes
    }

    /// The 32 bytes of an Ed25519 public key (RFC 8032 §5.1.5).
    ///
    /// - Throws: `libraryFailure`.
    func publicPoint() throws(CryptographyError) -> [UInt8] {
        ErrorQueue.clear()
        var bytes = [UInt8](repeating: 0, count: 32)
        var count = bytes.count
        guard EVP_PKEY_get_raw_public_key(key, &bytes, &count) == 1, count == bytes.count else {
            throw ErrorQueue.failure("reading a public key")
        }
        return bytes
    }
}

extension AsymmetricKey {
    /// The algorithm for the type of `key`; only RSA leaves a choice.
    private static func algorithm(
        of key: OpaquePointer, asked: SignatureAlgorithm?
    ) throws(CryptographyError) -> SignatureAlgorithm {
        let offered: [SignatureAlgorithm]
        if EVP_PKEY_is_a(key, "RSA") == 1 {
            guard modulusBits.contains(Int(EVP_PKEY_get_bits(key))) else {
                throw .keySizeUnsupported(bits: modulusBits)
            }
            offered = [.rs256, .ps256]
        } else if EVP_PKEY_is_a(key, "ED25519") == 1 {
            offered = [.edDSA]
        } else if EVP_PKEY_is_a(key, "EC") == 1 {
            switch curve(of: key) {
            case "prime256v1": offered = [.es256]
            case "secp384r1": offered = [.es384]
            case let other: throw .keyUnsupported(kind: "EC \(other)")
            }
        } else {
            let name = EVP_PKEY_get0_type_name(key).map { String(cString: $0) }
            throw .keyUnsupported(kind: name ?? "unknown")
        }
        guard let algorithm = asked ?? offered.first, offered.contains(algorithm) else {
            throw .algorithmMismatch
        }
        return algorithm
    }

    /// OpenSSL's name of the curve. A curve spelled out in parameters has none, even when they are
    /// those of a named one (RFC 5480 §2.1.1 forbids them).
    private static func curve(of key: OpaquePointer) -> String {
        ErrorQueue.clear()
        defer { ErrorQueue.clear() }
        var isSpelledOut: Int32 = 1
        let spelledOut = OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS
        guard EVP_PKEY_get_int_param(key, spelledOut, &isSpelledOut) == 1, isSpelledOut == 0
        else { return "with explicit parameters" }
        var name = [CChar](repeating: 0, count: 80)
        var count = 0
        guard EVP_PKEY_get_group_name(key, &name, name.count, &count) == 1, count < name.count
        else { return "with explicit parameters" }
        return String(decoding: name[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Whether the public half is a key at all.
    private static func check(_ key: OpaquePointer) throws(CryptographyError) {
        ErrorQueue.clear()
        defer { ErrorQueue.clear() }
        guard let context = EVP_PKEY_CTX_new_from_pkey(nil, key, nil) else {
            throw ErrorQueue.failure("checking a key")
        }
        defer { EVP_PKEY_CTX_free(context) }
        guard EVP_PKEY_public_check(context) == 1 else { throw .keyInvalid }
    }

    /// Whether the private half belongs to the public one. One signature proves it; OpenSSL's own
    /// check of an RSA pair tests its primes again, which takes longer than the daemon's start.
    private func checkPair() throws(CryptographyError) {
        guard isPrivate else { return }
        let message: [UInt8] = Array("authd key check".utf8)
        let fits = message.withUnsafeBytes { message in
            guard let signature = try? sign(message) else { return false }
            return signature.withUnsafeBytes { isValid($0, for: message) }
        }
        guard fits else { throw .keyInvalid }
    }
}
