import Bytes
import Foundation
import Transport

extension TLSOptions {
    /// More than a PEM file has.
    private static let fileBytesMax = 1024 * 1024

    /// The context for connections to `address`; nil when it is not `tls:`.
    ///
    /// - Throws: `AuthClientError.untrusted`, naming the file that can't be used.
    func context(for address: SocketAddress) throws(AuthClientError) -> TLSContext? {
        guard case .tls(let host, _) = address.form else { return nil }
        var keyPair: TLSKeyPair?
        switch (certificateFile, keyFile) {
        case (let certificate?, let key?):
            keyPair = TLSKeyPair(
                certificates: try TLSOptions.read(certificate, isPrivate: false),
                key: try TLSOptions.read(key, isPrivate: true))
        case (nil, nil): break
        default:
            throw .untrusted("a client certificate needs two files: name it and its key")
        }
        var authorities: SecretBytes?
        if let authoritiesFile {
            authorities = try TLSOptions.read(authoritiesFile, isPrivate: false)
        }
        do throws(TLSMaterialError) {
            return try TLSContext(
                client: TLSClientMaterial(
                    keyPair: keyPair, authorities: authorities, serverName: serverName),
                host: host)
        } catch {
            let path =
                switch error.part {
                case .certificate: certificateFile
                case .key: keyFile
                case .authorities: authoritiesFile
                }
            throw .untrusted("\(path ?? "TLS"): \(error.problem)")
        }
    }

    private static func read(
        _ path: String, isPrivate: Bool
    ) throws(AuthClientError) -> SecretBytes {
        do throws(SmallFile.Problem) {
            let file = try SmallFile(path: path, bytesMax: fileBytesMax)
            guard isPrivate, file.isOpenToOthers else { return file.bytes }
        } catch {
            throw .untrusted("\(path): \(error.phrase)")
        }
        throw .untrusted("\(path): holds a private key that others can read; chmod 600 it")
    }
}
