import Bytes
import CCrypt
import Glibc

/// Owns the 32 KiB of working memory of libxcrypt, for one hash; wiped before it is freed.
///
/// On the heap, because a worker's stack would keep what is not wiped.
struct CryptWorkspace: ~Copyable {
    private let memory: UnsafeMutableRawBufferPointer

    init() {
        memory = .allocate(
            byteCount: MemoryLayout<crypt_data>.size, alignment: MemoryLayout<crypt_data>.alignment)
        // crypt_rn requires zeros before its first use.
        memory.initializeMemory(as: UInt8.self, repeating: 0)
    }

    deinit {
        wipe(memory)
        memory.deallocate()
    }

    /// Runs bcrypt and passes the 31 characters of its digest to `body`, valid for the call only.
    ///
    /// - Parameters:
    ///   - password: at most 72 bytes; crypt(3) reads up to the first NUL byte.
    ///   - setting: `$2b$12$` and the 22 characters of the salt, or another bcrypt identifier.
    ///   - body: gets the digest.
    /// - Returns: what `body` returns.
    /// - Throws: `libraryFailure`.
    func digest<Result>(
        of password: SecretBytes, _ setting: String, _ body: (UnsafeRawBufferPointer) -> Result
    ) throws(CryptographyError) -> Result {
        let phrase = SecretBytes(count: password.count + 1) { phrase in
            password.withUnsafeBytes { phrase.copyMemory(from: $0) }
        }
        let output = phrase.withUnsafeBytes { phrase in
            let start = phrase.baseAddress?.assumingMemoryBound(to: CChar.self)
            return crypt_rn(start, setting, memory.baseAddress, Int32(memory.count))
        }
        // The output repeats the setting, which keeps crypt(3)'s error tokens (`*0`) out.
        guard let output, strlen(output) == setting.utf8.count + 31,
            strncmp(output, setting, setting.utf8.count) == 0
        else { throw .libraryFailure(operation: "bcrypt", code: 0) }
        return body(
            UnsafeRawBufferPointer(start: output + setting.utf8.count, count: 31))
    }
}
