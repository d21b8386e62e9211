import Dispatch
import DispatchBridge

/// Why a test can't go on.
struct TestFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Runs what blocks on a thread of its own, so that the few threads of Swift's tasks stay free.
func offPool<Value: Sendable>(
    _ body: @escaping @Sendable () throws -> Value
) async throws -> Value {
    let done = Promise<Result<Value, any Error>>()
    DispatchQueue.global().async { done.fulfil(Result { try body() }) }
    return try await done.value().get()
}

/// Asks `condition` again and again until it gives a value, or `deadline` has passed.
func eventually<Value>(
    _ what: String, within limit: Duration = .seconds(10), every pause: Duration = .milliseconds(5),
    _ condition: () async throws -> Value?
) async throws -> Value {
    let deadline = ContinuousClock.now + limit
    while true {
        if let value = try await condition() { return value }
        guard ContinuousClock.now < deadline else {
            throw TestFailure("not within \(limit): \(what)")
        }
        try await Task.sleep(for: pause)
    }
}
