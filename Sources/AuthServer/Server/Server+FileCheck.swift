import AuditLog
import AuthCore
import Bytes
import Cryptography
import Transport

extension Server {
    /// Reads the files that settings name, as at start, without creating or changing anything: for
    /// `--check-config`.
    ///
    /// - Throws: `StartError` with the first one that can't be used, and its setting.
    package static func checkFiles(
        of configuration: ServerConfiguration
    ) throws(StartError) {
        if case .azure = configuration.store.kind {
            do {
                try configuration.store.azure.checkAuthorities()
            } catch {
                throw .configuration(error)
            }
        }
        if !configuration.tokens.algorithm.isSymmetric {
            _ = try SigningKeys.load(configuration.tokens, secret: SecretBytes())
        }
        if let file = configuration.passwords.breachedFile {
            do {
                try BreachedPasswords().load(file)
            } catch {
                throw .configuration(
                    .unusableFile(
                        path: error.path, problem: error.problem,
                        setting: Setting.breachedPasswordsFile.name))
            }
        }
        if let error = configuration.audit.destination.trouble {
            throw .configuration(
                .unusableFile(path: Setting.audit.name, problem: error.description))
        }
        guard let files = configuration.tls.files else { return }
        let material = try TLSFiles.material(files)
        _ = try TLSFiles.naming(files) { () throws(TLSMaterialError) in
            try TLSCredentials(material)
        }
    }
}
