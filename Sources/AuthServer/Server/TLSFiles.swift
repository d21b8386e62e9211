import Bytes
import Transport

/// Reads the files of TLS, and says which setting names one that can't be used.
enum TLSFiles {
    /// A context's material.
    ///
    /// - Throws: `StartError.tls`.
    static func material(
        _ files: TLSSettings.Files
    ) throws(StartError) -> TLSServerMaterial {
        var authorities: SecretBytes?
        if let path = files.clientAuthorities {
            authorities = try read(path, .tlsClientCAFile, SecretFile.readPEM)
        }
        return TLSServerMaterial(
            keyPair: TLSKeyPair(
                certificates: try read(files.certificate, .tlsCertificateFile, SecretFile.readPEM),
                key: try read(files.key, .tlsKeyFile, SecretFile.read)),
            clientAuthorities: authorities)
    }

    /// Runs `body`; its error becomes one about the setting that names the file.
    ///
    /// - Throws: `StartError.tls`.
    static func naming<Value>(
        _ files: TLSSettings.Files, _ body: () throws(TLSMaterialError) -> Value
    ) throws(StartError) -> Value {
        do throws(TLSMaterialError) {
            return try body()
        } catch {
            let (setting, path) =
                switch error.part {
                case .certificate: (Setting.tlsCertificateFile, files.certificate)
                case .key: (Setting.tlsKeyFile, files.key)
                case .authorities: (Setting.tlsClientCAFile, files.clientAuthorities ?? "")
                }
            throw .tls(setting: setting.name, path: path, problem: error.problem)
        }
    }

    private static func read(
        _ path: String, _ setting: Setting,
        _ body: (String) throws(ConfigurationError) -> SecretBytes
    ) throws(StartError) -> SecretBytes {
        do throws(ConfigurationError) {
            return try body(path)
        } catch {
            guard case .unusableFile(_, let problem, _) = error else { throw .configuration(error) }
            throw .tls(setting: setting.name, path: path, problem: problem)
        }
    }
}
