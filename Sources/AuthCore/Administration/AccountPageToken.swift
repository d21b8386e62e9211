import Bytes
import Storage

/// Carries the place where a listing continues through a caller's hands, with the number of rows that
/// the store was asked for: Azure wants a query to continue with the options it began with.
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
    /// - Parameters:
    ///   - place: where the store continues.
    ///   - rowCount: how many rows each scan asks for.
    /// - Returns: what the caller gets.
    /// - Throws: `.internalFault`.
    func seal(_ place: EntityContinuation, rowCount: Int) throws(AuthError) -> SecretBytes {
        do {
            let text = "\(rowCount) \(place.text)"
            return SecretBytes(utf8: try sealing.seal(SecretBytes(utf8: text), subject: ""))
        } catch {
            throw .internalFault("sealing a page token failed: \(error)")
        }
    }

    /// What a token carries.
    ///
    /// - Throws: `.argumentInvalid`, `.internalFault`.
    func open(
        _ token: SecretBytes
    ) throws(AuthError) -> (place: EntityContinuation, rowCount: Int) {
        let opened: SecretBytes
        do throws(SecondFactorError) {
            let text = token.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
            opened = try sealing.open(text, subject: "")
        } catch {
            if case .cryptography(let cause) = error {
                throw .internalFault("opening a page token failed: \(cause)")
            }
            throw AccountPageToken.invalid
        }
        let text = opened.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        let parts = text.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let rowCount = Int(parts[0]), rowCount > 0 else {
            throw AccountPageToken.invalid
        }
        return (EntityContinuation(String(parts[1])), rowCount)
    }

    private static let invalid = AuthError.argumentInvalid(
        "page_token was not issued by this daemon")
}
