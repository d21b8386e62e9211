import Glibc
import Storage

/// The name that a copy of a database has until it is whole.
enum PartialCopy {
    private static let infix = ".partial-"
    private static let digits = 16
    private static let companions = ["", "-journal", "-wal", "-shm"]

    /// A name that nobody can guess, beside the one that the copy will have.
    static func path(for path: String) -> String {
        let hex = String(UInt64.random(in: .min ... .max), radix: 16)
        return path + infix + String(repeating: "0", count: digits - hex.count) + hex
    }

    /// Removes a copy and what SQLite put beside it.
    static func remove(_ path: String) {
        for companion in companions { unlink(path + companion) }
    }

    /// Removes the copies that killed processes left in a directory: no other copy may be under way
    /// there. What can't be removed stays.
    ///
    /// - Parameters:
    ///   - directory: where to look.
    ///   - name: of the file that they were to be; nil for any.
    static func removeLeftovers(in directory: String, of name: String? = nil) {
        guard let stream = opendir(directory) else { return }
        defer { closedir(stream) }
        var found: [String] = []
        while let entry = readdir(stream) {
            let entry = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            let isOfName = name.map { entry.hasPrefix($0 + infix) } ?? true
            if isOfName, isPartial(entry) { found.append(entry) }
        }
        for name in found { unlink("\(directory)/\(name)") }
    }

    /// `NAME.partial-` and 16 hexadecimal digits, or a companion of it.
    static func isPartial(_ name: String) -> Bool {
        companions.contains { companion in
            guard name.hasSuffix(companion) else { return false }
            let rest = name.dropLast(companion.count)
            return rest.suffix(digits).allSatisfy { $0.isASCII && $0.isHexDigit }
                && rest.dropLast(digits).hasSuffix(infix)
        }
    }
}
