import AuthClient
import Glibc

/// Where passwords and codes come from: a prompt on the terminal, or standard input. Never an
/// argument.
struct SecretInput {
    /// What is read.
    enum Kind: String {
        case password
        /// Of an authenticator, or a recovery code.
        case code
        case enrollmentToken = "enrollment token"

        /// The reason of the failure when it is missing.
        var missing: String {
            switch self {
            case .password: "NO_PASSWORD"
            case .code: "NO_CODE"
            case .enrollmentToken: "NO_TOKEN"
            }
        }
    }

    /// Longer than any password or token that authd accepts.
    private static let lineBytesMax = 4096

    /// Whether to read lines of standard input instead of asking.
    let fromStandardInput: Bool

    /// One secret, asked for by `prompt`.
    ///
    /// - Throws: `Failure` when there is none.
    func read(_ prompt: String, _ kind: Kind = .password) throws(Failure) -> Secret {
        guard !fromStandardInput else {
            return try SecretInput.line(
                STDIN_FILENO, kind, "standard input ended; a \(kind.rawValue) was expected")
        }
        let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC)
        guard terminal >= 0, SavedTerminal.hideInput(terminal) else {
            throw Failure(
                .usage, "NO_TERMINAL",
                "there is no terminal on which to ask for the \(kind.rawValue)",
                hint: "use --password-stdin")
        }
        defer {
            SavedTerminal.restore()
            Descriptor.show("\n", on: terminal)
            close(terminal)
        }
        Descriptor.show(prompt, on: terminal)
        return try SecretInput.line(terminal, kind, "no \(kind.rawValue) was entered")
    }

    /// A new secret, asked for twice on a terminal.
    ///
    /// - Throws: `Failure` when there is none, or the two differ.
    func readNew(_ prompt: String) throws(Failure) -> Secret {
        let first = try read(prompt)
        guard !fromStandardInput else { return first }
        guard try read("Again: ") == first else {
            throw Failure(.usage, "PASSWORDS_DIFFER", "the two passwords differ")
        }
        return first
    }

    /// Shows a message to the person being asked; nothing to a script.
    func tell(_ line: String) {
        guard !fromStandardInput else { return }
        let terminal = open("/dev/tty", O_WRONLY | O_CLOEXEC)
        guard terminal >= 0 else { return }
        Descriptor.show(line + "\n", on: terminal)
        close(terminal)
    }

    /// Reads byte by byte, so that the next line stays for the next read, into memory that is wiped.
    private static func line(
        _ descriptor: Int32, _ kind: Kind, _ missing: String
    ) throws(Failure) -> Secret {
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: lineBytesMax, alignment: 1)
        defer {
            if let start = room.baseAddress { explicit_bzero(start, room.count) }
            room.deallocate()
        }
        var count = 0
        var ended = false
        while count < room.count {
            let got = Glibc.read(descriptor, room.baseAddress?.advanced(by: count), 1)
            if got < 0 && errno == EINTR { continue }
            if got <= 0 {
                ended = true
                break
            }
            if room[count] == UInt8(ascii: "\n") { break }
            count += 1
        }
        if count > 0, room[count - 1] == UInt8(ascii: "\r") { count -= 1 }
        guard count > 0, count < room.count else {
            throw Failure(
                .usage, kind.missing,
                count == 0 || ended ? missing : "the \(kind.rawValue) is too long")
        }
        return Secret(copying: UnsafeRawBufferPointer(rebasing: room[..<count]))
    }
}
