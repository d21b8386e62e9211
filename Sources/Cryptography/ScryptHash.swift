package import Bytes
import COpenSSL

/// A password hash of scrypt (RFC 7914), as passlib stores it; checked, never made.
///
/// Text: `$scrypt$ln=LOG2N,r=BLOCKS,p=PARALLEL$SALT$DIGEST`, the last two in base 64 without
/// padding (RFC 4648 §4). `verify` blocks a core: call it on a worker pool.
package struct ScryptHash: Sendable, Equatable {
    /// The logarithm of N.
    package static let logarithms = 1...20
    /// r, the size of a block in units of 128 bytes.
    package static let blockSizes = 1...32
    /// p, how often the whole computation is done.
    package static let parallelisms = 1...16
    /// 128 × N × r, in bytes: as for Argon2id, each thread of the pool may need this much at the
    /// same time.
    package static let memoryBytesMax = 128 << 20
    /// 128 × N × r × p, in bytes: about two seconds of one core. Anyone who knows an email can make
    /// the daemon do this, so it is limited, whatever was stored.
    package static let workBytesMax = 512 << 20

    /// The logarithm of N.
    package let logarithm: Int
    /// r.
    package let blockSize: Int
    /// p.
    package let parallelism: Int
    private let salt: [UInt8]
    private let digest: [UInt8]

    /// - Parameter text: the stored form.
    /// - Throws: `hashMalformed`, `hashParameterOutOfRange`.
    package init(parsing text: String) throws(CryptographyError) {
        let fields = HashTextFields(text)
        guard fields.count == 4, fields[0] == "scrypt",
            let numbers = fields.numbers(1, named: ["ln", "r", "p"]),
            let salt = Base64.standardUnpadded.decode(fields[2]), (1...64).contains(salt.count),
            let digest = Base64.standardUnpadded.decode(fields[3]), (16...64).contains(digest.count)
        else { throw .hashMalformed }
        (logarithm, blockSize, parallelism) = (numbers[0], numbers[1], numbers[2])
        self.salt = salt
        self.digest = digest
        try CryptographyError.check(logarithm, in: ScryptHash.logarithms, "ln")
        try CryptographyError.check(blockSize, in: ScryptHash.blockSizes, "r")
        // N < 2^(128 × r / 8), RFC 7914 §2: OpenSSL computes no others.
        try CryptographyError.check(
            logarithm, in: ScryptHash.logarithms.lowerBound...16 * blockSize - 1,
            "ln, which must be below 16 × r,")
        try CryptographyError.check(parallelism, in: ScryptHash.parallelisms, "p")
        let memory = 128 * blockSize << logarithm
        try CryptographyError.check(
            memory, in: 1...ScryptHash.memoryBytesMax, "memory in bytes (128 × N × r)")
        try CryptographyError.check(
            memory * parallelism, in: 1...ScryptHash.workBytesMax,
            "work in bytes (128 × N × r × p)")
    }

    /// Whether `password` is the one that was hashed.
    ///
    /// - Throws: `libraryFailure`, such as for lack of memory.
    package func verify(_ password: SecretBytes) throws(CryptographyError) -> Bool {
        let computed = try SecretBytes(count: digest.count) { output throws(CryptographyError) in
            ErrorQueue.clear()
            let done = password.withUnsafeBytes { password in
                salt.withUnsafeBufferPointer { salt in
                    EVP_PBE_scrypt(
                        password.bindMemory(to: CChar.self).baseAddress, password.count,
                        salt.baseAddress, salt.count, 1 << UInt64(logarithm), UInt64(blockSize),
                        UInt64(parallelism), UInt64(2 * ScryptHash.memoryBytesMax),
                        output.bindMemory(to: UInt8.self).baseAddress, output.count)
                }
            }
            guard done == 1 else { throw ErrorQueue.failure("scrypt") }
        }
        return digest.withUnsafeBytes { digest in
            computed.withUnsafeBytes { constantTimeEqual($0, digest) }
        }
    }
}
