import Bytes
import TTRPC

/// What differs when there is TLS between the socket and the frames.
extension ClientConnection {
    static func session(_ context: TLSContext) throws(RPCClientError) -> TLSSession {
        do throws(TLSError) {
            return try TLSSession(context)
        } catch {
            throw .untrusted(error.description)
        }
    }

    /// Whether a server that expects TLS answered a plain client: an alert record (RFC 8446 §5.1).
    static func isTLSAlert(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.count >= 2 && bytes[0] == 21 && bytes[1] == 3
    }

    var closedEarly: String { TLSError.closedEarly.advice(forClientOf: name) }

    /// Continues the handshake.
    func handshake(_ tls: TLSSession) {
        do throws(TLSError) {
            if try tls.handshake() {
                isHandshaking = false
                finishedConnecting()
            }
            flush()
        } catch {
            failed(error)
        }
    }

    /// Ciphertext from the socket, in our own buffer; the session copies it.
    func receive(_ ciphertext: UnsafeRawBufferPointer, _ tls: TLSSession) {
        do throws(TLSError) {
            try tls.receive(ciphertext)
            if isHandshaking { handshake(tls) }
            while socket != nil, !isHandshaking {
                switch try tls.read(into: input) {
                case .count(let count):
                    let plain = UnsafeMutableRawBufferPointer(rebasing: input[0..<count])
                    parse(UnsafeRawBufferPointer(plain))
                    wipe(plain)
                case .incomplete:
                    if tls.unsentCount > 0, !isBlocked { flush() }
                    return
                case .closed:
                    end(.connectionLost)
                    return
                }
            }
        } catch {
            failed(error)
        }
    }

    /// Encrypts and writes until the socket accepts no more, one record at a time.
    func flush(_ tls: TLSSession) {
        while !isBlocked, socket != nil {
            sendCiphertext(tls)
            guard !isBlocked, socket != nil, !isHandshaking, !output.isEmpty else { break }
            do throws(TLSError) {
                let count = try tls.write(output.bytes)
                output.consume(count)
                sentCount += UInt64(count)
            } catch {
                failed(error)
            }
        }
        if output.isEmpty { output.reset() }
        settle()
    }

    /// TLS has failed: before the first answer it is the certificates' fault, else the network's.
    func failed(_ error: TLSError) {
        guard isHandshaking || !hasReceived && error.isAboutOurCertificate else {
            end(.connectionLost)
            return
        }
        end(.untrusted(error.advice(forClientOf: name)))
    }

    /// Writes the waiting ciphertext, as far as the socket accepts it.
    func sendCiphertext(_ tls: TLSSession) {
        while tls.unsentCount > 0, !isBlocked, let socket {
            switch tls.withUnsent({ socket.write($0) }) {
            case .count(let count): tls.sent(count)
            case .wouldBlock: isBlocked = true
            // The reason for closing may still be there to be read.
            case .closed: return readReason(tls, socket)
            }
        }
    }

    /// A server that refuses us sends an alert and closes; writing then fails before reading gets
    /// its turn.
    private func readReason(_ tls: TLSSession, _ socket: Socket) {
        if case .count(let count) = socket.read(into: input) {
            receive(UnsafeRawBufferPointer(rebasing: input[0..<count]), tls)
        }
        end(isHandshaking ? .untrusted(closedEarly) : .connectionLost)
    }

    /// The alert that ends a connection, if the socket accepts it at once.
    func sayGoodbye(_ tls: TLSSession) {
        if !isHandshaking { tls.shutDown() }
        guard !isBlocked, tls.unsentCount > 0, let socket else { return }
        _ = tls.withUnsent { socket.write($0) }
    }
}
