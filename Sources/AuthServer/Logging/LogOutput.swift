import Dispatch
import Glibc
import Logging
import Synchronization

/// Writes log lines to a descriptor without ever making the caller wait.
///
/// Lines go to a bounded queue; one serial queue writes them. When the reader of the descriptor
/// stops reading, the queue fills, further lines are counted, and a line with their count follows
/// when there is room again: a log that nobody reads harms the log, not the service.
package final class LogOutput: Sendable {
    /// What waits to be written.
    private struct Waiting {
        var bytes: [UInt8] = []
        var lines = 0
        var linesLost: UInt64 = 0
        var writerRuns = false
    }

    /// 1 MiB holds seconds of busy logging, and is small compared with the rest of the daemon.
    package static let queueBytesMax = 1024 * 1024
    /// Bounds the count too, for very short lines.
    package static let queueLinesMax = 8192

    private let descriptor: CInt
    private let format: LogFormat
    private let bytesMax: Int
    private let linesMax: Int
    private let waiting = Mutex(Waiting())
    private let writer = DispatchQueue(label: "authd.log")

    /// - Parameters:
    ///   - descriptor: stays open as long as the process logs, and is not closed here.
    ///   - format: the form of the line that reports lost lines.
    ///   - bytesMax: the most bytes that wait, besides those being written (as many again).
    ///   - linesMax: the most lines that wait.
    package init(
        descriptor: CInt = STDERR_FILENO, format: LogFormat,
        bytesMax: Int = LogOutput.queueBytesMax, linesMax: Int = LogOutput.queueLinesMax
    ) {
        self.descriptor = descriptor
        self.format = format
        self.bytesMax = bytesMax
        self.linesMax = linesMax
    }

    /// Queues `line`, which ends with a line feed, or counts it as lost. Returns at once.
    package func write(_ line: [UInt8]) {
        let start = waiting.withLock { waiting in
            guard waiting.lines < linesMax, line.count <= bytesMax - waiting.bytes.count else {
                waiting.linesLost += 1
                return false
            }
            waiting.bytes.append(contentsOf: line)
            waiting.lines += 1
            defer { waiting.writerRuns = true }
            return !waiting.writerRuns
        }
        if start { writer.async { self.drain() } }
    }

    /// Waits until everything that was queued before is written; for the end of the process.
    ///
    /// - Parameter milliseconds: the longest wait, since the descriptor's reader may have stopped.
    /// - Returns: whether all was written.
    package func flush(milliseconds: Int = 2000) -> Bool {
        let done = DispatchSemaphore(value: 0)
        writer.async {
            self.drain()
            done.signal()
        }
        return done.wait(timeout: .now() + .milliseconds(milliseconds)) == .success
    }

    /// Runs only on `writer`, so that batches keep their order.
    private func drain() {
        while let (batch, linesReported) = takeBatch() {
            let linesUnwritten = writeAll(batch)
            guard linesUnwritten > 0 else { continue }
            let stop = waiting.withLock { waiting in
                // The last line may have been the report, which then stands for those it counts.
                waiting.linesLost += linesUnwritten
                if linesReported > 0 { waiting.linesLost += linesReported - 1 }
                // A broken descriptor is retried with the next line, not in a loop.
                guard waiting.lines == 0 else { return false }
                waiting.writerRuns = false
                return true
            }
            if stop { return }
        }
    }

    /// Everything that is waiting, and how many lost lines it reports; or nil, after which the next
    /// line starts the writer again.
    private func takeBatch() -> (bytes: [UInt8], linesReported: UInt64)? {
        waiting.withLock { waiting in
            guard waiting.lines > 0 || waiting.linesLost > 0 else {
                waiting.writerRuns = false
                return nil
            }
            if waiting.linesLost > 0 {
                waiting.bytes.append(
                    contentsOf: format.line(
                        time: UTCTime.nowMilliseconds(), level: .warning,
                        message: "log lines lost: their reader was too slow",
                        metadata: ["lines": .stringConvertible(waiting.linesLost)]))
            }
            let batch = (waiting.bytes, waiting.linesLost)
            waiting.bytes = []
            waiting.lines = 0
            waiting.linesLost = 0
            return batch
        }
    }

    /// Writes `batch`; returns how many of its lines could not be written.
    private func writeAll(_ batch: [UInt8]) -> UInt64 {
        batch.withUnsafeBytes { bytes in
            var written = 0
            while written < bytes.count {
                let count = Glibc.write(
                    descriptor, bytes.baseAddress?.advanced(by: written), bytes.count - written)
                if count >= 0 {
                    written += count
                } else if errno == EAGAIN {
                    // Somebody who shares the descriptor made it non-blocking. Only this queue
                    // waits, as it would in a write that blocks.
                    var room = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    poll(&room, 1, -1)
                } else if errno != EINTR {
                    return bytes[written...].reduce(0) { $0 + ($1 == UInt8(ascii: "\n") ? 1 : 0) }
                }
            }
            return 0
        }
    }
}
