import COpenSSL

/// Owns a hash function as OpenSSL's provider offers it, found once.
///
/// `@unchecked Sendable`: an `EVP_MD` does not change after it was fetched.
final class MessageDigest: @unchecked Sendable {
    static let sha1 = MessageDigest(.sha1)
    static let sha256 = MessageDigest(.sha256)

    private let function: OpaquePointer

    private init(_ algorithm: HashAlgorithm) {
        guard let function = EVP_MD_fetch(nil, algorithm.name.cString, nil) else {
            ErrorQueue.stop("finding the hash function")
        }
        self.function = function
    }

    deinit {
        EVP_MD_free(function)
    }

    /// Writes the digest of `data` to `digest`, which has exactly its length.
    func digest(_ data: UnsafeRawBufferPointer, into digest: UnsafeMutableBufferPointer<UInt8>) {
        precondition(digest.count == Int(EVP_MD_get_size(function)), "no room for the digest")
        let done = EVP_Digest(
            data.baseAddress, data.count, digest.baseAddress, nil, function, nil)
        if done != 1 {
            ErrorQueue.stop("hashing")
        }
    }
}
