package import Bytes
internal import CCommonPasswords
import Glibc

/// The embedded list of common passwords: those of 8 or more bytes that leaks show most often.
///
/// The list is sorted ASCII text in read-only memory; a lookup is a binary search of 14 steps and
/// makes only a lower-case copy, which is wiped.
package enum CommonPasswords {
    /// The number of passwords in the list.
    package static var count: Int { Int(common_passwords_count) }

    /// The most bytes that an entry may have. A longer password is in no list, and no copy of it is
    /// made; the longest entry today has 20.
    package static let entryBytesMax = 64

    /// Whether `password` (UTF-8, NFC) is in the list, whatever the case of its ASCII letters.
    package static func contains(_ password: SecretBytes) -> Bool {
        guard (1...entryBytesMax).contains(password.count) else { return false }
        let lowered = SecretBytes(count: password.count) { target in
            password.withUnsafeBytes { source in
                for index in source.indices {
                    target[index] = ASCII.lowercased(source[index])
                }
            }
        }
        return lowered.withUnsafeBytes { isEntry($0) }
    }

    /// The bytes of the entry at `index`, which must be less than `count`; always valid.
    static func entry(at index: Int) -> UnsafeRawBufferPointer {
        let offsets = common_passwords_offsets_start()
        guard index < count, let offsets, let text = common_passwords_text_start() else {
            preconditionFailure("The list has \(count) entries; \(index) was requested.")
        }
        let (start, end) = (Int(offsets[index]), Int(offsets[index + 1]))
        return UnsafeRawBufferPointer(start: text + start, count: end - start)
    }

    private static func isEntry(_ wanted: UnsafeRawBufferPointer) -> Bool {
        var (low, high) = (0, count)
        while low < high {
            let middle = low + (high - low) / 2
            let order = compare(wanted, entry(at: middle))
            guard order != 0 else { return true }
            if order < 0 {
                high = middle
            } else {
                low = middle + 1
            }
        }
        return false
    }

    /// Negative, zero or positive if `left` sorts before, with or after `right`.
    private static func compare(
        _ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer
    ) -> Int {
        if let first = left.baseAddress, let second = right.baseAddress {
            let order = memcmp(first, second, min(left.count, right.count))
            guard order == 0 else { return Int(order) }
        }
        return left.count - right.count
    }
}
