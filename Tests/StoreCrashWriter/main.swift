// Writes numbered entities to the store in the first argument, from as many callers as the second
// says, and prints each number once it is acknowledged, until it is killed. The third argument is
// the first number. A test reads what it says and kills it; it has no other use.

import Glibc
import SQLiteStore
import Storage

guard CommandLine.arguments.count == 4,
    let callers = Int(CommandLine.arguments[2]), let first = Int(CommandLine.arguments[3])
else {
    fatalError("usage: StoreCrashWriter PATH CALLERS FIRST-NUMBER")
}
let store = try SQLiteStore(path: CommandLine.arguments[1])
await withTaskGroup { group in
    for caller in 0..<callers {
        group.addTask {
            for number in stride(from: first + caller, to: Int.max, by: callers) {
                let partition = "p\(number)"
                // Two rows, so that half a transaction would show.
                let inserts = ["a", "b"].map { row in
                    EntityOperation.insert(
                        EntityKey(partition: partition, row: row), ["n": .int64(Int64(number))])
                }
                do {
                    _ = try await store.transact(partition: partition, inserts)
                } catch {
                    fatalError("\(error)")
                }
                // One write for one line: a killed process leaves no half of it behind.
                let line = "\(number)\n"
                guard write(STDOUT_FILENO, line, line.utf8.count) == line.utf8.count else { return }
            }
        }
    }
}
