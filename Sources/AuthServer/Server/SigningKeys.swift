import Bytes
import Cryptography

/// Loads the keys of access tokens as the configuration names them.
enum SigningKeys {
    /// The keys: the first signs, all of them verify.
    ///
    /// - Throws: `.key` naming the file; `.configuration` for a file that can't be read.
    static func load(
        _ settings: TokenSettings, secret: SecretBytes
    ) throws(StartError) -> [SignatureKey] {
        let algorithm = settings.algorithm
        if algorithm.isSymmetric {
            do {
                return [try SignatureKey(secret: secret, algorithm: algorithm)]
            } catch {
                throw .unsupported("JWT_SECRET: \(error)")
            }
        }
        var keys: [SignatureKey] = []
        for path in settings.keyFiles {
            keys.append(try key(path, algorithm))
        }
        guard let signing = keys.firstIndex(where: { $0.canSign && $0.algorithm == algorithm })
        else {
            throw .configuration(
                .invalidValue(
                    name: Setting.jwtKeyFiles.name, source: settings.keyFilesSource,
                    problem: "has no private key for JWT_ALGORITHM \(algorithm.rawValue)",
                    allowed: Setting.jwtKeyFiles.allowed))
        }
        keys.swapAt(0, signing)
        return keys
    }

    /// A key of a type other than JWT_ALGORITHM's is allowed: it verifies older tokens.
    private static func key(
        _ path: String, _ algorithm: SignatureAlgorithm
    ) throws(StartError) -> SignatureKey {
        let pem: SecretBytes
        do {
            pem = try SecretFile.readPEM(path)
        } catch {
            throw .configuration(error.naming(.jwtKeyFiles))
        }
        do throws(CryptographyError) {
            return try SignatureKey(pem: pem, algorithm: algorithm)
        } catch {
            guard case .algorithmMismatch = error else {
                throw .key(path: path, problem: "\(error)")
            }
        }
        do {
            return try SignatureKey(pem: pem)
        } catch {
            throw .key(path: path, problem: "\(error)")
        }
    }
}
