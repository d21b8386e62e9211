import Bytes
import Storage

/// Carries the place where a listing continues through a caller's hands.
///
/// Sealed, because it contains keys of the store, and what comes back is passed to the store: only
/// a place issued by a daemon with the same server key is ever looked up.
struct AccountPageToken {
    private let sealing: ServerSealing

    /// - Parameter keyRing: the server's keys.
    init(keyRing: ServerKeyRing) {
        sealing = ServerSealing(keyRing: keyRing, purpose: .pageToken)
    }

    /// The token of a place.
    ///
    /// - Throws: `.internalFault`.
    func seal(_ place: EntityContinuation) throws(AuthError) -> SecretBytes {
        do {
            return SecretBytes(
                utf8: try sealing.seal(SecretBytes(utf8: place.text), subject: ""))
        } catch {
            throw .internalFault("sealing a page token failed: \(error)")
        }
    }

    /// The place that a token names.
    ///
    /// - Throws: `.argumentInvalid`, `.internalFault`.
    func open(_ token: SecretBytes) throws(AuthError) -> EntityContinuation {
        do throws(SecondFactorError) {
            let text = token.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
            let place = try sealing.open(text, subject: "")
            return EntityContinuation(place.withUnsafeBytes { String(decoding: $0, as: UTF8.self) })
        } catch {
            if case .cryptography(let cause) = error {
                throw .internalFault("opening a page token failed: \(cause)")
            }
            throw .argumentInvalid("page_token was not issued by this daemon")
        }
    }
}
