package import Bytes
import Cryptography

/// The account's key, which signs each request (SharedKey of the table service).
package struct SharedKey: Sendable {
    /// The account, which is part of what is signed.
    package let account: String
    private let key: HMACKey

    /// - Parameters:
    ///   - account: its name.
    ///   - base64: the key as the portal shows it.
    /// - Throws: `AzureConfigurationError` when the key is not base64.
    package init(account: String, base64: SecretBytes) throws(AzureConfigurationError) {
        let bytes = base64.withUnsafeBytes { Base64.standard.decode($0) }
        guard let bytes, !bytes.isEmpty else {
            throw AzureConfigurationError("has an AccountKey that is not base64")
        }
        self.account = account
        key = HMACKey(.sha256, key: SecretBytes(bytes))
    }

    /// The text that is signed. Query and `x-ms-` headers are not part of it, except `comp`, which
    /// none of our requests has.
    ///
    /// - Parameters:
    ///   - method: such as `GET`.
    ///   - contentType: of the body, or empty.
    ///   - date: the value of `x-ms-date`.
    ///   - path: as it is sent, percent-encoded; with an emulator it contains the account again.
    /// - Returns: the text.
    func stringToSign(
        method: String, contentType: String, date: String, path: String
    ) -> String {
        "\(method)\n\n\(contentType)\n\(date)\n/\(account)\(path)"
    }

    /// The value of `Authorization`.
    func authorization(
        method: String, contentType: String, date: String, path: String
    ) -> SecretBytes {
        let text = Array(
            stringToSign(method: method, contentType: contentType, date: date, path: path).utf8)
        let code = text.withUnsafeBytes { key.authenticationCode(for: $0) }
        return SecretBytes(utf8: "SharedKey \(account):\(Base64.standard.encode(code))")
    }
}
