import Glibc

/// Users and groups of the machine, by name or number.
enum AccountNames {
    /// Entries of large directory services exceed 1 KiB; beyond 1 MiB something is wrong.
    private static let entryBytesMax = 1024 * 1024

    /// The uid of a user's name, or of decimal digits.
    static func user(_ text: String) -> uid_t? {
        if let number = number(text) { return number }
        var entry = passwd()
        return lookUp { buffer, count in
            var found: UnsafeMutablePointer<passwd>?
            let code = getpwnam_r(text, &entry, buffer, count, &found)
            return (code, found?.pointee.pw_uid)
        }
    }

    /// The gid of a group's name, or of decimal digits.
    static func group(_ text: String) -> gid_t? {
        if let number = number(text) { return number }
        var entry = Glibc.group()
        return lookUp { buffer, count in
            var found: UnsafeMutablePointer<Glibc.group>?
            let code = getgrnam_r(text, &entry, buffer, count, &found)
            return (code, found?.pointee.gr_gid)
        }
    }

    /// All ones means "leave unchanged" to `chown(2)` and is nobody's number.
    private static func number(_ text: String) -> UInt32? {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let id = UInt32(text),
            id != UInt32.max
        else { return nil }
        return id
    }

    /// Calls `body` with larger buffers until the entry fits.
    private static func lookUp(
        _ body: (UnsafeMutablePointer<CChar>, Int) -> (code: CInt, id: UInt32?)
    ) -> UInt32? {
        var size = 1024
        while size <= entryBytesMax {
            var buffer = [CChar](repeating: 0, count: size)
            let (code, id) = body(&buffer, size)
            guard code == ERANGE else { return code == 0 ? id : nil }
            size *= 4
        }
        return nil
    }
}
