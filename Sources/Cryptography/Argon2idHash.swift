package import Bytes
import CArgon2

/// A password hash of Argon2id (RFC 9106), as other systems have stored it; checked, never made.
///
/// Text: `$argon2id$v=19$m=KIB,t=PASSES,p=LANES$SALT$DIGEST`, the last two in base64 without
/// padding (RFC 4648 §4). `verify` blocks a core: call it on a worker pool.
package struct Argon2idHash: Sendable, Equatable {
    /// Memory in KiB. Each thread of the pool may need this much at the same time, and it has up to
    /// four per core: 128 MiB is twice what RFC 9106 recommends where memory is short, and two
    /// cores stay at 1 GiB.
    package static let memory = 8...131_072
    /// Passes over the memory.
    package static let passes = 1...64
    /// Memory times passes, in KiB: about a second of one core. Anyone who knows an email can make
    /// the daemon do this, so it is limited, whatever was stored.
    package static let workMax = 1_048_576
    /// Lanes. They run one after the other, on one thread of the pool.
    package static let lanes = 1...16

    /// Memory in KiB.
    package let memory: Int
    /// Passes over the memory.
    package let passes: Int
    /// Lanes.
    package let lanes: Int
    private let salt: [UInt8]
    private let digest: [UInt8]

    /// - Parameter text: the stored form.
    /// - Throws: `hashMalformed`, `hashParameterOutOfRange`.
    package init(parsing text: String) throws(CryptographyError) {
        let fields = HashTextFields(text)
        guard fields.count == 5, fields[0] == "argon2id", fields[1] == "v=19",
            let numbers = fields.numbers(2, named: ["m", "t", "p"]),
            let salt = Base64.standardUnpadded.decode(fields[3]), (8...64).contains(salt.count),
            let digest = Base64.standardUnpadded.decode(fields[4]), (16...64).contains(digest.count)
        else { throw .hashMalformed }
        (memory, passes, lanes) = (numbers[0], numbers[1], numbers[2])
        self.salt = salt
        self.digest = digest
        try CryptographyError.check(memory, in: Argon2idHash.memory, "memory in KiB (m)")
        try CryptographyError.check(passes, in: Argon2idHash.passes, "passes (t)")
        try CryptographyError.check(lanes, in: Argon2idHash.lanes, "lanes (p)")
        try CryptographyError.check(
            memory * passes, in: 1...Argon2idHash.workMax, "memory times passes (m × t)")
        guard memory >= 8 * lanes else { throw .hashMalformed }
    }

    /// Whether `password` is the one that was hashed.
    ///
    /// - Throws: `libraryFailure`, such as for lack of memory.
    package func verify(_ password: SecretBytes) throws(CryptographyError) -> Bool {
        let computed = try SecretBytes(count: digest.count) { output throws(CryptographyError) in
            var salt = salt
            let code = password.withUnsafeBytes { password in
                salt.withUnsafeMutableBufferPointer { salt in
                    hash(password, salt, into: output)
                }
            }
            guard code == ARGON2_OK.rawValue else {
                throw .libraryFailure(
                    operation: "Argon2id", code: UInt(UInt32(bitPattern: code)))
            }
        }
        return digest.withUnsafeBytes { digest in
            computed.withUnsafeBytes { constantTimeEqual($0, digest) }
        }
    }

    /// Runs with one thread, so that a hash takes one core like every other job of the pool.
    /// libargon2 wipes its memory, and only reads password and salt.
    private func hash(
        _ password: UnsafeRawBufferPointer, _ salt: UnsafeMutableBufferPointer<UInt8>,
        into output: UnsafeMutableRawBufferPointer
    ) -> Int32 {
        var context = argon2_context()
        context.out = output.bindMemory(to: UInt8.self).baseAddress
        context.outlen = UInt32(output.count)
        context.pwd = UnsafeMutablePointer(
            mutating: password.bindMemory(to: UInt8.self).baseAddress)
        context.pwdlen = UInt32(password.count)
        context.salt = salt.baseAddress
        context.saltlen = UInt32(salt.count)
        context.t_cost = UInt32(passes)
        context.m_cost = UInt32(memory)
        context.lanes = UInt32(lanes)
        context.threads = 1
        context.version = ARGON2_VERSION_13.rawValue
        return argon2id_ctx(&context)
    }
}
