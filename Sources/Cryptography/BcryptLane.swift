import Bytes
import CBcrypt

/// Owns the memory of one hash in progress: 4 KiB of tables that would reveal the password, wiped
/// when the hash is finished, and before they are freed.
///
/// On the heap, because it goes from thread to thread. Not safe for concurrent use:
/// `BcryptLanes` passes it on under its lock.
final class BcryptLane {
    private let memory: UnsafeMutableRawBufferPointer
    private let lane: OpaquePointer

    /// Begins a hash.
    ///
    /// - Parameters:
    ///   - password: without NUL bytes; bytes after the 72nd are ignored.
    ///   - salt: 16 bytes.
    ///   - cost: in `BcryptHash.costs`.
    init(password: SecretBytes, salt: [UInt8], cost: Int) {
        precondition(salt.count == CBCRYPT_SALT_BYTES, "a salt of bcrypt has 16 bytes")
        memory = .allocate(
            byteCount: cbcrypt_lane_bytes(), alignment: MemoryLayout<UInt64>.alignment)
        memory.initializeMemory(as: UInt8.self, repeating: 0)
        guard let start = memory.baseAddress else { preconditionFailure("no memory for a hash") }
        lane = OpaquePointer(start)
        password.withUnsafeBytes { password in
            cbcrypt_begin(
                lane, password.baseAddress?.assumingMemoryBound(to: UInt8.self),
                password.count, salt, UInt32(cost))
        }
    }

    deinit {
        wipe(memory)
        memory.deallocate()
    }

    /// Whether only `finish` is left to do.
    var isDone: Bool { cbcrypt_rounds_left(lane) == 0 }

    /// Runs lanes side by side on this thread.
    ///
    /// - Parameters:
    ///   - lanes: 1 to `BcryptLanes.lanesMax`, none of them done.
    ///   - rounds: of each; fewer when one has fewer left.
    static func run(_ lanes: [BcryptLane], rounds: UInt64) {
        withUnsafeTemporaryAllocation(
            of: OpaquePointer?.self, capacity: lanes.count
        ) { pointers in
            for (index, lane) in lanes.enumerated() { pointers[index] = lane.lane }
            cbcrypt_run(pointers.baseAddress, Int32(lanes.count), rounds)
        }
    }

    /// Finishes the hash and passes the 31 characters of its digest to `body`, valid for the call
    /// only.
    func finish<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        var digest = [UInt8](repeating: 0, count: Int(CBCRYPT_DIGEST_BYTES))
        cbcrypt_finish(lane, &digest)
        var text = Array(BcryptBase64.encode(digest).utf8)
        defer {
            wipe(&digest)
            wipe(&text)
        }
        return text.withUnsafeBytes(body)
    }
}
