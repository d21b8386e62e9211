/// Why a cryptographic operation was refused. No case carries key material or plaintext.
package enum CryptographyError: Error, Equatable, Sendable {
    /// The tag does not match: another key, another nonce, or altered data. Nothing was decrypted.
    case authenticationFailed
    /// A symmetric key has the wrong length for the algorithm.
    case keyLengthInvalid(bytesExpected: Int)
    /// A nonce has an unsupported length.
    case nonceLengthInvalid
    /// The input is longer than the documented limit of the operation.
    case inputTooLong(bytesMax: Int)
    /// An iteration count outside its documented bounds.
    case iterationsOutOfRange(ClosedRange<Int>)
    /// A derived key's length outside its documented bounds.
    case outputLengthOutOfRange(bytesMax: Int)
    /// A text that is not a password hash of a supported scheme.
    case hashMalformed
    /// A bcrypt cost outside what the caller allows.
    case costOutOfRange(ClosedRange<Int>)
    /// A parameter of a password hash outside the allowed range; `name` is its meaning.
    case hashParameterOutOfRange(name: String, ClosedRange<Int>)
    /// A signing secret shorter than the minimum.
    case secretTooShort(bytesMin: Int)
    /// A text that does not hold exactly one readable PEM key.
    case keyUnreadable
    /// A PEM key protected by a passphrase; only plain ones are read, and nobody is prompted.
    case keyEncrypted
    /// A key type or curve outside the supported set; `kind` is what was found.
    case keyUnsupported(kind: String)
    /// An RSA key outside the supported sizes.
    case keySizeUnsupported(bits: ClosedRange<Int>)
    /// A key whose parts do not belong together or are not a valid key.
    case keyInvalid
    /// The requested algorithm may not be used with this key (RFC 8725 §3.1).
    case algorithmMismatch
    /// Signing with a public key was requested.
    case signingUnavailable
    /// OpenSSL or libxcrypt failed where input can't make it fail: memory, or the installation.
    case libraryFailure(operation: String, code: UInt)
}

extension CryptographyError: CustomStringConvertible {
    /// One plain sentence for the operator.
    package var description: String {
        switch self {
        case .authenticationFailed: "the data was altered, or sealed with another key"
        case .keyLengthInvalid(let count): "the key must have \(count) bytes"
        case .nonceLengthInvalid: "the nonce has an unsupported length"
        case .inputTooLong(let limit): "the input is longer than \(limit) bytes"
        case .iterationsOutOfRange(let range):
            "the iteration count must be \(range.lowerBound) to \(range.upperBound)"
        case .outputLengthOutOfRange(let limit): "the output must have 1 to \(limit) bytes"
        case .hashMalformed: "the text is not a password hash of a supported scheme"
        case .costOutOfRange(let range):
            "the bcrypt cost must be \(range.lowerBound) to \(range.upperBound)"
        case .hashParameterOutOfRange(let name, let range):
            "the hash's \(name) must be \(range.lowerBound) to \(range.upperBound)"
        case .secretTooShort(let minimum): "the secret must have at least \(minimum) bytes"
        case .keyUnreadable: "the text does not hold exactly one readable PEM key"
        case .keyEncrypted: "the PEM key has a passphrase; only plain keys are supported"
        case .keyUnsupported(let kind):
            "keys of type \(kind) are not supported (RSA, P-256, P-384 and Ed25519 are)"
        case .keySizeUnsupported(let range):
            "RSA keys must have \(range.lowerBound) to \(range.upperBound) bits"
        case .keyInvalid: "the key is not valid"
        case .algorithmMismatch: "the key can't be used with that algorithm"
        case .signingUnavailable: "a public key can't sign"
        case .libraryFailure(let operation, let code):
            "\(operation) failed in the cryptographic library (code \(code))"
        }
    }
}

extension CryptographyError {
    /// Refuses a password hash parameter that is out of bounds.
    ///
    /// - Throws: `hashParameterOutOfRange`.
    static func check(
        _ value: Int, in range: ClosedRange<Int>, _ name: String
    ) throws(CryptographyError) {
        guard range.contains(value) else {
            throw .hashParameterOutOfRange(name: name, range)
        }
    }
}
