import Bytes
import Glibc

/// A file from `scripts/make-breached-passwords`, mapped into memory.
///
/// 32 bytes: `authd-breached-1`, the count (u64, little endian), 8 zeros. Then that many numbers
/// (`BreachDigest`, u64, big endian), in ascending order.
///
/// `@unchecked Sendable`: the mapping is read-only, and is unmapped with the last reference.
final class BreachedPasswordFile: @unchecked Sendable {
    private static let headerBytes = 32
    private static let recordBytes = 8
    private static let magic = Array("authd-breached-1".utf8)
    /// Neighbors that are compared when the file is loaded: reading 10^9 of them would take
    /// minutes.
    private static let samplesMax = 1000

    let count: Int
    private let descriptor: Int32
    private let bytes: UnsafeRawBufferPointer

    /// Maps the file, which must belong to the daemon's user or root and be writable only by its
    /// owner: truncating it while it is mapped could end the process.
    ///
    /// - Throws: saying what is wrong with it.
    init(path: String) throws(BreachedPasswordFileError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else {
            throw BreachedPasswordFile.trouble(path, "can't be opened")
        }
        do throws(BreachedPasswordFileError) {
            bytes = try BreachedPasswordFile.map(path, descriptor)
        } catch {
            close(descriptor)
            throw error
        }
        self.descriptor = descriptor
        count = (bytes.count - BreachedPasswordFile.headerBytes) / BreachedPasswordFile.recordBytes
        // From here on `deinit` cleans up.
        guard isWellFormed else {
            throw BreachedPasswordFileError(
                path: path,
                problem: "is not a list of breached passwords, or is damaged;"
                    + " create it with scripts/make-breached-passwords")
        }
    }

    deinit {
        munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
        close(descriptor)
    }

    /// Whether `number` is in the file. A file that was truncated since it was mapped is no longer
    /// touched: its pages are gone, and no password is on the list until it is reloaded.
    func contains(_ number: UInt64) -> Bool {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_size >= bytes.count else { return false }
        var (low, high) = (0, count)
        while low < high {
            let middle = low + (high - low) / 2
            let found = record(middle)
            if found == number { return true }
            if found < number { low = middle + 1 } else { high = middle }
        }
        return false
    }

    private func record(_ index: Int) -> UInt64 {
        let offset = BreachedPasswordFile.headerBytes + index * BreachedPasswordFile.recordBytes
        return UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    private var isWellFormed: Bool {
        let stored = UInt64(
            littleEndian: bytes.loadUnaligned(
                fromByteOffset: BreachedPasswordFile.magic.count, as: UInt64.self))
        guard bytes.starts(with: BreachedPasswordFile.magic), stored == UInt64(count),
            (bytes.count - BreachedPasswordFile.headerBytes)
                .isMultiple(of: BreachedPasswordFile.recordBytes),
            count > 0
        else { return false }
        let step = max(1, count / BreachedPasswordFile.samplesMax)
        return stride(from: step, to: count, by: step).allSatisfy {
            record($0 - 1) < record($0) && record($0 - step) < record($0)
        }
    }

    private static func map(
        _ path: String, _ descriptor: Int32
    ) throws(BreachedPasswordFileError) -> UnsafeRawBufferPointer {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw BreachedPasswordFileError(path: path, problem: "is not a regular file")
        }
        guard status.st_uid == geteuid() || status.st_uid == 0, status.st_mode & 0o022 == 0 else {
            throw BreachedPasswordFileError(
                path: path,
                problem: "is writable by users other than root and the daemon's; chown it and"
                    + " chmod 644 it")
        }
        let size = Int(status.st_size)
        guard size >= headerBytes else {
            throw BreachedPasswordFileError(path: path, problem: "is too short")
        }
        guard let start = mmap(nil, size, PROT_READ, MAP_SHARED, descriptor, 0),
            start != MAP_FAILED
        else { throw trouble(path, "can't be mapped") }
        madvise(start, size, MADV_RANDOM)
        return UnsafeRawBufferPointer(start: start, count: size)
    }

    private static func trouble(_ path: String, _ problem: String) -> BreachedPasswordFileError {
        BreachedPasswordFileError(path: path, problem: "\(problem): \(systemMessage(errno))")
    }
}
