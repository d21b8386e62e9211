package import Bytes

/// A key that signs and verifies under exactly one algorithm (RFC 8725 §3.1), from any thread.
///
/// A token's header never chooses the algorithm: a verifier looks up a key and uses its algorithm.
package final class SignatureKey: Sendable {
    /// The shortest HMAC secret. RFC 7518 §3.2 requires the hash's length, which is more for HS384
    /// and HS512; 32 random bytes are 256 bits of strength under each of the three.
    package static let secretBytesMin = 32

    /// The algorithm that the key is bound to.
    package let algorithm: SignatureAlgorithm
    /// The public half as a JSON Web Key; nil for a secret, which must never be published.
    package let jsonWebKey: JSONWebKey?

    private let material: Material

    private enum Material: Sendable {
        case secret(HMACKey)
        case pair(AsymmetricKey)
    }

    /// A key for HS256, HS384 or HS512.
    ///
    /// - Throws: `algorithmMismatch` for any other algorithm; `secretTooShort` below
    ///   `secretBytesMin`.
    package init(
        secret: SecretBytes, algorithm: SignatureAlgorithm
    ) throws(CryptographyError) {
        guard algorithm.isSymmetric, let hash = algorithm.hash else { throw .algorithmMismatch }
        guard secret.count >= SignatureKey.secretBytesMin else {
            throw .secretTooShort(bytesMin: SignatureKey.secretBytesMin)
        }
        self.algorithm = algorithm
        jsonWebKey = nil
        material = .secret(HMACKey(hash, key: secret))
    }

    /// A key from the text of a PEM file: `PRIVATE KEY` (PKCS #8), `EC PRIVATE KEY`,
    /// `RSA PRIVATE KEY` or `PUBLIC KEY` (RFC 7468), unencrypted, at most 64 KiB.
    ///
    /// The file holds one key; text around it is ignored, but no other PEM block is allowed, except
    /// the `EC PARAMETERS` that `openssl ecparam` writes before its key. The public half is checked
    /// (on the curve, no trivial factors), and a private key must verify what it signs.
    ///
    /// - Parameters:
    ///   - pem: the text of the file.
    ///   - algorithm: nil takes ES256 for P-256, ES384 for P-384, EdDSA for Ed25519 and RS256 for
    ///     RSA; PS256 has to be requested.
    /// - Throws: `keyUnreadable`, `keyEncrypted`, `keyUnsupported`, `keySizeUnsupported` (RSA under
    ///   2048 or over 8192 bits), `keyInvalid`, `algorithmMismatch`, `libraryFailure`.
    package init(
        pem: SecretBytes, algorithm: SignatureAlgorithm? = nil
    ) throws(CryptographyError) {
        let pair = try AsymmetricKey(pem: pem, algorithm: algorithm)
        self.algorithm = pair.algorithm
        jsonWebKey = try JSONWebKey(pair)
        material = .pair(pair)
    }

    /// Whether the key holds a private half, or is a secret.
    package var canSign: Bool {
        switch material {
        case .secret: true
        case .pair(let pair): pair.isPrivate
        }
    }

    /// The signature of `message`, in JOSE's form: HMAC code; RSA of the modulus' length; r‖s
    /// (RFC 7518 §3.4); Ed25519's 64 bytes.
    ///
    /// - Throws: `signingUnavailable`, `libraryFailure`.
    package func sign(_ message: UnsafeRawBufferPointer) throws(CryptographyError) -> [UInt8] {
        switch material {
        case .secret(let key): key.authenticationCode(for: message)
        case .pair(let pair): try pair.sign(message)
        }
    }

    /// Whether `signature` is valid for `message` under this key and its algorithm. Anything of
    /// another length or form is not valid; a failing library counts as not valid too.
    package func isValid(
        signature: UnsafeRawBufferPointer, for message: UnsafeRawBufferPointer
    ) -> Bool {
        switch material {
        case .secret(let key): key.isValid(signature, for: message)
        case .pair(let pair): pair.isValid(signature, for: message)
        }
    }
}
