import ArgumentParser
import Glibc

/// Asks before something is done that can't be undone.
struct Confirmation: ParsableArguments {
    @Flag(name: .shortAndLong, help: "Do not ask.")
    var yes = false

    /// Returns when the user says yes, or `--yes` was given.
    ///
    /// - Throws: `Failure` when they say anything else, or there is no terminal on which to ask.
    func ask(_ question: String) throws(Failure) {
        guard !yes else { return }
        let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC)
        guard terminal >= 0 else {
            throw Failure(
                .usage, "NOT_CONFIRMED", "there is no terminal on which to ask", hint: "use --yes")
        }
        defer { close(terminal) }
        Descriptor.show(question + " [y/N] ", on: terminal)
        var answer: [UInt8] = []
        var byte: UInt8 = 0
        while answer.count < 16, read(terminal, &byte, 1) == 1, byte != UInt8(ascii: "\n") {
            answer.append(byte)
        }
        guard ["y", "yes"].contains(String(decoding: answer, as: UTF8.self).lowercased()) else {
            throw Failure(.usage, "NOT_CONFIRMED", "nothing was done")
        }
    }
}
