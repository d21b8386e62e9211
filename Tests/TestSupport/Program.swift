package import Foundation

/// A program that is not ours, and that a test asks.
package enum Program {
    /// It ended with another exit code than 0.
    package struct Failure: Error {
        package let exitCode: Int32
    }

    /// Runs a program to its end.
    ///
    /// - Returns: its standard output.
    /// - Throws: `Failure` for an exit code other than 0.
    package static func run(
        _ program: String, _ arguments: [String], input: Data = Data()
    ) throws -> Data {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        let (feed, output) = (Pipe(), Pipe())
        process.standardInput = feed
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        try feed.fileHandleForWriting.write(contentsOf: input)
        try feed.fileHandleForWriting.close()
        let read = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(exitCode: process.terminationStatus)
        }
        return read
    }
}
