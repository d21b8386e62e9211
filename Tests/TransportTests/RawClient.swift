import Dispatch
import DispatchBridge
import Glibc
import TTRPC
import Testing

@testable import Transport

/// A client that sends any bytes, and reads frames on a thread where it may block.
final class RawClient: Sendable {
    struct Answer: Equatable, Sendable {
        var streamID: UInt32
        var code: RPCCode
        var message: String
        var payload: [UInt8]
        var details: [StatusDetail] = []
    }

    let socket: Socket

    init(_ address: SocketAddress) throws {
        socket = try Socket(for: address)
        switch socket.connect(to: address) {
        case .connected, .inProgress: break
        case .failed(let code):
            throw TransportError.system(call: "connect", subject: "\(address)", code: code)
        }
    }

    /// Sends all of `bytes`, or fails after 20 s; false when the server has closed.
    @discardableResult
    func send(_ bytes: [UInt8]) async -> Bool {
        await send(bytes, milliseconds: 20_000) == bytes.count
    }

    /// Says that nothing more comes.
    func endSending() {
        shutdown(socket.descriptor, Int32(SHUT_WR))
    }

    /// Sends until the socket takes no more for 100 ms; how many bytes it took.
    func flood(_ bytes: [UInt8]) async -> Int {
        await send(bytes, milliseconds: 100)
    }

    private func send(_ bytes: [UInt8], milliseconds: Int32) async -> Int {
        await blocking { [socket] in
            bytes.withUnsafeBytes { bytes in
                var sent = 0
                while sent < bytes.count {
                    switch socket.write(UnsafeRawBufferPointer(rebasing: bytes[sent...])) {
                    case .count(let count): sent += count
                    case .wouldBlock:
                        guard RawClient.wait(socket, POLLOUT, milliseconds: milliseconds) else {
                            return sent
                        }
                    case .closed: return sent
                    }
                }
                return sent
            }
        }
    }

    /// Reads `count` answers, fewer when the server closes or nothing comes for 20 s.
    func answers(_ count: Int) async -> [Answer] {
        await blocking { [socket] in
            var bytes: [UInt8] = []
            var answers: [Answer] = []
            var chunk = [UInt8](repeating: 0, count: 65536)
            while answers.count < count {
                let result = chunk.withUnsafeMutableBytes { socket.read(into: $0) }
                switch result {
                case .count(let read):
                    bytes += chunk[..<read]
                    RawClient.take(&answers, from: &bytes)
                case .wouldBlock:
                    guard RawClient.wait(socket, POLLIN) else { return answers }
                case .closed: return answers
                }
            }
            return answers
        }
    }

    /// Whether the server closes within 20 s; what it still sends is dropped.
    func isClosedByServer() async -> Bool {
        await blocking { [socket] in
            var chunk = [UInt8](repeating: 0, count: 65536)
            while true {
                switch chunk.withUnsafeMutableBytes({ socket.read(into: $0) }) {
                case .count: continue
                case .wouldBlock: guard RawClient.wait(socket, POLLIN) else { return false }
                case .closed: return true
                }
            }
        }
    }

    /// What one read gives; nil when the server has closed, or nothing comes for 20 s.
    func receive(atMost count: Int = 65536) async -> [UInt8]? {
        await blocking { [socket] in
            var chunk = [UInt8](repeating: 0, count: count)
            while true {
                switch chunk.withUnsafeMutableBytes({ socket.read(into: $0) }) {
                case .count(let count): return Array(chunk[..<count])
                case .wouldBlock: guard RawClient.wait(socket, POLLIN) else { return nil }
                case .closed: return nil
                }
            }
        }
    }

    private static func take(_ answers: inout [Answer], from bytes: inout [UInt8]) {
        var used = 0
        bytes.withUnsafeBytes { bytes in
            while bytes.count - used >= FrameHeader.byteCount {
                let rest = UnsafeRawBufferPointer(rebasing: bytes[used...])
                let header = FrameHeader(reading: rest)
                let count = FrameHeader.byteCount + Int(header.length)
                guard rest.count >= count, header.type == .response else { return }
                let data = UnsafeRawBufferPointer(rebasing: rest[FrameHeader.byteCount..<count])
                if let answer = try? ResponseEnvelope(decoding: data) {
                    answers.append(
                        Answer(
                            streamID: header.streamID, code: answer.status?.code ?? .ok,
                            message: answer.status?.message ?? "",
                            payload: Array(answer.payload),
                            details: answer.status?.details ?? []))
                }
                used += count
            }
        }
        bytes.removeFirst(used)
    }

    private static func wait(
        _ socket: Socket, _ events: Int32, milliseconds: Int32 = 20_000
    ) -> Bool {
        var descriptor = pollfd(fd: socket.descriptor, events: Int16(events), revents: 0)
        return poll(&descriptor, 1, milliseconds) > 0
    }

    private func blocking<Value: Sendable>(
        _ body: @escaping @Sendable () -> Value
    ) async -> Value {
        let promise = Promise<Value>()
        DispatchQueue(label: "raw client").async { promise.fulfil(body()) }
        return await promise.value()
    }
}
