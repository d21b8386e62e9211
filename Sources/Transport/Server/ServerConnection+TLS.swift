import Bytes
import TTRPC

/// What differs when there is TLS between the socket and the frames.
extension ServerConnection {
    /// Ciphertext from the socket. It may be in the loop's input buffer: the session copies it.
    func receive(_ ciphertext: UnsafeRawBufferPointer, _ tls: TLSSession) {
        do throws(TLSError) {
            try tls.receive(ciphertext)
            handleDecrypted(tls)
        } catch {
            close()
        }
    }

    /// Decrypts everything that has arrived and handles it as if it had been read from a socket. No
    /// more than one read's ciphertext is ever there, besides the rest of a handshake.
    func handleDecrypted(_ tls: TLSSession) {
        var isMore = true
        var isOver = false
        while isMore, !isClosed {
            var count = 0
            isMore = false
            reading: while true {
                guard server.input.count - count >= TLSSession.recordBytesMax else {
                    isMore = true
                    break
                }
                do throws(TLSError) {
                    let room = UnsafeMutableRawBufferPointer(rebasing: server.input[count...])
                    switch try tls.read(into: room) {
                    case .count(let read): count += read
                    case .incomplete: break reading
                    case .closed:
                        isOver = true
                        break reading
                    }
                } catch {
                    isOver = true
                    break
                }
            }
            handlePlain(UnsafeMutableRawBufferPointer(rebasing: server.input[0..<count]))
        }
        // What came before the end has been handled, or has its turn still to come; an alert may wait
        // to go out.
        guard isOver, !isClosed else { return }
        if isGettingOn { isInputOver = true } else { close() }
    }

    private func handlePlain(_ bytes: UnsafeMutableRawBufferPointer) {
        if held.isEmpty {
            // Even without bytes: there may be ciphertext to send, and a partial record.
            handle(UnsafeRawBufferPointer(bytes))
        } else {
            held.append(UnsafeRawBufferPointer(bytes))
        }
        wipe(bytes)
    }

    /// Encrypts and writes until the socket accepts no more: never more than one record is
    /// encrypted that it has not accepted, so that what waits is plain text and can be counted.
    ///
    /// - Returns: how many bytes of plain text were taken.
    func transmit(_ bytes: UnsafeRawBufferPointer, through tls: TLSSession) -> Int {
        var taken = 0
        while sendCiphertext(tls), taken < bytes.count {
            do throws(TLSError) {
                taken += try tls.write(UnsafeRawBufferPointer(rebasing: bytes[taken...]))
            } catch {
                close()
                return taken
            }
        }
        if !isBlocked { stopDrainTimer() }
        return taken
    }

    /// Whether the socket has taken all ciphertext.
    private func sendCiphertext(_ tls: TLSSession) -> Bool {
        while tls.unsentCount > 0 {
            guard let socket else { return false }
            switch tls.withUnsent({ socket.write($0) }) {
            case .count(let count):
                tls.sent(count)
                stopDrainTimer()
            case .wouldBlock:
                isBlocked = true
                return false
            case .closed:
                close()
                return false
            }
        }
        return !isClosed
    }

    /// The alert that ends a connection, if the socket accepts it at once.
    func sayGoodbye(_ tls: TLSSession) {
        tls.shutDown()
        guard !isBlocked, tls.unsentCount > 0, let socket else { return }
        _ = tls.withUnsent { socket.write($0) }
    }
}
