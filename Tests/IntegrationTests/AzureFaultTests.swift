import Foundation
import TableEmulatorControl
import Testing

extension IntegrationTests {
    /// The daemon against a table service that fails in every way: `Tests/AzureFaults`, which prints a
    /// line for each of its checks.
    @Suite(.enabled(if: TableEmulator.isAvailable, TableEmulator.hint))
    struct AzureFaultTests {
        private func run(_ program: String, _ options: [String] = []) async throws {
            let python = try #require(TableEmulator.python)
            let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
                .deletingLastPathComponent().appendingPathComponent("AzureFaults")
            let run = try await CommandRun.program(
                python,
                ["-B", folder.appendingPathComponent(program).path, DaemonProcess.program] + options
            )
            let summary = run.output.split(separator: "\n").last ?? ""
            #expect(run.exitCode == 0, "\(run.output)")
            #expect(summary.hasSuffix(" passed, 0 failed"), "\(run.output)")
        }

        @Test
        func `Three daemons sharing a table lose nothing and repeat nothing under injected faults`()
            async throws
        {
            try await run("main.py", ["--calls", "3000", "--seconds", "130"])
        }

        @Test
        func `The emulator's request log shows the documented number of round trips`() async throws
        {
            try await run("costs.py")
        }
    }
}
