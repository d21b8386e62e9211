import Bytes
import Foundation
import Glibc
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

    /// The file's content. What is checked is what is read: the open file.
    private static func read(
        _ path: String, isPrivate: Bool
    ) throws(AuthClientError) -> SecretBytes {
        // O_NONBLOCK: opening a FIFO must not wait for somebody to write to it.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else {
            throw .untrusted("\(path): can't be opened: \(systemMessage(errno))")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            status.st_size <= fileBytesMax
        else { throw .untrusted("\(path): is no regular file of at most 1 MiB") }
        guard !isPrivate || status.st_mode & 0o077 == 0 else {
            throw .untrusted("\(path): holds a private key that others can read; chmod 600 it")
        }
        return try SecretBytes(count: Int(status.st_size)) { buffer throws(AuthClientError) in
            var count = 0
            while count < buffer.count {
                let got = Glibc.read(
                    descriptor, buffer.baseAddress?.advanced(by: count), buffer.count - count)
                if got < 0, errno == EINTR { continue }
                guard got > 0 else { throw .untrusted("\(path): can't be read whole") }
                count += got
            }
        }
    }
}
