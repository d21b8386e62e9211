import Dispatch
import Glibc

/// Delivers signals to an async loop instead of ending the process.
///
/// `@unchecked Sendable`: the sources are only held, so that they live as long as the stream.
package final class SignalStream: @unchecked Sendable {
    /// The signals, in order of arrival; one that arrives twice before it is read may be delivered
    /// once.
    package let signals: AsyncStream<Int32>
    private let sources: [any DispatchSourceSignal]

    /// - Parameter numbers: such as `SIGTERM`; their default action is permanently disabled.
    package init(_ numbers: [Int32]) {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Int32.self, bufferingPolicy: .bufferingNewest(16))
        signals = stream
        let queue = DispatchQueue(label: "signals")
        sources = numbers.map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { continuation.yield(number) }
            source.resume()
            return source
        }
    }
}
