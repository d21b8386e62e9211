import TTRPC

@testable import Transport

/// A TLS client that may stop anywhere.
final class TLSRawClient: Sendable {
    let raw: RawClient
    let session: TLSSession

    init(_ address: SocketAddress, _ context: TLSContext) throws {
        raw = try RawClient(address)
        session = try TLSSession(context)
    }

    /// Makes the handshake; false when the server ends it.
    func handshake() async throws -> Bool {
        while try !session.handshake() {
            await raw.send(takeUnsent())
            guard let bytes = await raw.receive() else { return false }
            try bytes.withUnsafeBytes { try session.receive($0) }
        }
        await raw.send(takeUnsent())
        return true
    }

    /// `bytes` as ciphertext.
    func encrypted(_ bytes: [UInt8]) throws -> [UInt8] {
        var taken = 0
        while taken < bytes.count {
            taken += try bytes[taken...].withUnsafeBytes { try session.write($0) }
        }
        return takeUnsent()
    }

    /// The next `count` bytes of plain text, fewer when the server ends.
    func receive(_ count: Int) async throws -> [UInt8] {
        var plain: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: TLSSession.recordBytesMax)
        while plain.count < count {
            switch try buffer.withUnsafeMutableBytes({ try session.read(into: $0) }) {
            case .count(let read): plain += buffer[..<read]
            case .closed: return plain
            case .incomplete:
                guard let bytes = await raw.receive() else { return plain }
                try bytes.withUnsafeBytes { try session.receive($0) }
            }
        }
        return plain
    }

    func takeUnsent() -> [UInt8] {
        session.takeUnsent()
    }
}

extension TLSSession {
    /// All ciphertext that waits, counted as sent.
    func takeUnsent() -> [UInt8] {
        let bytes = withUnsent { Array($0) }
        sent(bytes.count)
        return bytes
    }

    /// Two ends of one connection exchange what they have, in pieces of `pieceBytes`, until neither
    /// has anything more to say.
    ///
    /// - Throws: the first error of either.
    static func connect(_ ends: [TLSSession], pieceBytes: Int = .max) throws {
        var areDone = [false, false]
        while true {
            var isQuiet = true
            for (index, end) in ends.enumerated() {
                if !areDone[index] { areDone[index] = try end.handshake() }
                let bytes = end.takeUnsent()
                guard !bytes.isEmpty else { continue }
                isQuiet = false
                let other = 1 - index
                var rest = bytes[...]
                while !rest.isEmpty {
                    let piece = rest.prefix(pieceBytes)
                    rest = rest.dropFirst(piece.count)
                    try piece.withUnsafeBytes { try ends[other].receive($0) }
                    if !areDone[other] { areDone[other] = try ends[other].handshake() }
                }
            }
            if isQuiet { break }
        }
        // The client's callback for a session comes when it reads.
        var buffer = [UInt8](repeating: 0, count: TLSSession.recordBytesMax)
        for end in ends { _ = try buffer.withUnsafeMutableBytes { try end.read(into: $0) } }
    }
}
