import Bytes
import Glibc

/// A file from `scripts/make-breached-passwords`, read where a search needs it.
///
/// 32 bytes: `authd-breached-1`, the count (u64, little endian), 8 zeros. Then that many numbers
/// (`BreachDigest`, u64, big endian), in ascending order.
///
/// Not mapped into memory: whoever overwrites it in place would end the process (decision 0023).
final class BreachedPasswordFile: Sendable {
    private static let headerBytes = 32
    private static let recordBytes = 8
    private static let magic = Array("authd-breached-1".utf8)
    /// Neighbors that are compared when the file is loaded: reading 10^9 of them would take
    /// minutes.
    private static let samplesMax = 1000
    /// One page: what is left of a search is read at once, instead of nine times.
    private static let blockRecords = 512

    let count: Int
    private let descriptor: Int32
    private let size: Int

    /// Opens the file, which must belong to the daemon's user or root and be writable only by its
    /// owner.
    ///
    /// - Throws: saying what is wrong with it.
    init(path: String) throws(BreachedPasswordFileError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else {
            throw BreachedPasswordFileError(
                path: path, problem: "can't be opened: \(systemMessage(errno))")
        }
        do throws(BreachedPasswordFileError) {
            size = try BreachedPasswordFile.checkedSize(path, descriptor)
        } catch {
            close(descriptor)
            throw error
        }
        self.descriptor = descriptor
        count = (size - BreachedPasswordFile.headerBytes) / BreachedPasswordFile.recordBytes
        // From here on `deinit` cleans up.
        guard isWellFormed else {
            throw BreachedPasswordFileError(
                path: path,
                problem: "is not a list of breached passwords, or is damaged;"
                    + " create it with scripts/make-breached-passwords")
        }
        // Neighbors of what a search reads are of no use to it.
        posix_fadvise(descriptor, 0, 0, POSIX_FADV_RANDOM)
    }

    deinit { close(descriptor) }

    /// Whether `number` is in the file. No password is on a list that is shorter than it was when
    /// it was opened, or that can't be read: the operator has to load a whole one.
    func contains(_ number: UInt64) -> Bool {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_size >= size else { return false }
        var (low, high) = (0, count)
        while high - low > BreachedPasswordFile.blockRecords {
            let middle = low + (high - low) / 2
            guard let found = record(middle) else { return false }
            if found == number { return true }
            if found < number { low = middle + 1 } else { high = middle }
        }
        return records(low..<high)?.contains(number) ?? false
    }

    private func record(_ index: Int) -> UInt64? { records(index..<index + 1)?.first }

    /// At most `blockRecords` of them; nil when they can't be read.
    private func records(_ range: Range<Int>) -> [UInt64]? {
        let offset =
            BreachedPasswordFile.headerBytes + range.lowerBound * BreachedPasswordFile.recordBytes
        var numbers = [UInt64](repeating: 0, count: range.count)
        let isRead = numbers.withUnsafeMutableBytes { read(into: $0, at: offset) }
        return isRead ? numbers.map(UInt64.init(bigEndian:)) : nil
    }

    /// False when there are not that many bytes, or the disk fails.
    private func read(into target: UnsafeMutableRawBufferPointer, at offset: Int) -> Bool {
        while true {
            let count = pread(descriptor, target.baseAddress, target.count, off_t(offset))
            if count < 0, errno == EINTR { continue }
            return count == target.count
        }
    }

    private var isWellFormed: Bool {
        var header = [UInt8](repeating: 0, count: BreachedPasswordFile.headerBytes)
        guard header.withUnsafeMutableBytes({ read(into: $0, at: 0) }) else { return false }
        let stored = header.withUnsafeBytes {
            UInt64(
                littleEndian: $0.loadUnaligned(
                    fromByteOffset: BreachedPasswordFile.magic.count, as: UInt64.self))
        }
        guard header.starts(with: BreachedPasswordFile.magic), stored == UInt64(count),
            (size - BreachedPasswordFile.headerBytes)
                .isMultiple(of: BreachedPasswordFile.recordBytes),
            count > 0
        else { return false }
        let step = max(1, count / BreachedPasswordFile.samplesMax)
        return stride(from: step, to: count, by: step).allSatisfy { index in
            guard let pair = records(index - 1..<index + 1), let earlier = record(index - step)
            else { return false }
            return pair[0] < pair[1] && earlier < pair[1]
        }
    }

    private static func checkedSize(
        _ path: String, _ descriptor: Int32
    ) throws(BreachedPasswordFileError) -> Int {
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
        return size
    }
}
