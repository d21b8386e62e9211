import AuthClient
import Glibc

extension Secret {
    /// The secret as text, to be shown to its user. The string can't be wiped.
    var text: String { withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }

    /// The same without spaces: authenticators show `123 456`.
    var withoutSpaces: Secret {
        withUnsafeBytes { bytes in
            withUnsafeTemporaryAllocation(byteCount: bytes.count, alignment: 1) { room in
                var count = 0
                for byte in bytes where byte != UInt8(ascii: " ") {
                    room[count] = byte
                    count += 1
                }
                defer {
                    if let start = room.baseAddress { explicit_bzero(start, room.count) }
                }
                return Secret(copying: UnsafeRawBufferPointer(rebasing: room[..<count]))
            }
        }
    }
}
