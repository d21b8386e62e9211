import Glibc

/// Users and groups of this system, by name or number.
enum SystemAccounts {
    /// Bytes for one entry of the user or group database; a group's member list can be long.
    private static let entryBytesMax = 256 * 1024

    static func userID(_ name: String) throws(TransportError) -> UInt32 {
        if let number = number(name) { return number }
        let found: UInt32? = withUnsafeTemporaryAllocation(
            of: CChar.self, capacity: entryBytesMax
        ) { buffer in
            guard let start = buffer.baseAddress else { return nil }
            var entry = passwd()
            var result: UnsafeMutablePointer<passwd>?
            let code = getpwnam_r(name, &entry, start, buffer.count, &result)
            return code == 0 && result != nil ? entry.pw_uid : nil
        }
        guard let found else { throw .unknownUser(name) }
        return found
    }

    static func groupID(_ name: String) throws(TransportError) -> UInt32 {
        if let number = number(name) { return number }
        let found: UInt32? = withUnsafeTemporaryAllocation(
            of: CChar.self, capacity: entryBytesMax
        ) { buffer in
            guard let start = buffer.baseAddress else { return nil }
            var entry = group()
            var result: UnsafeMutablePointer<group>?
            let code = getgrnam_r(name, &entry, start, buffer.count, &result)
            return code == 0 && result != nil ? entry.gr_gid : nil
        }
        guard let found else { throw .unknownGroup(name) }
        return found
    }

    /// The largest number means "unchanged" to chown(2), so it is not an id.
    private static func number(_ name: String) -> UInt32? {
        guard !name.isEmpty, name.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let number = UInt32(name), number != .max
        else { return nil }
        return number
    }
}
