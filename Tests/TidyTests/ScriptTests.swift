import Foundation
import Testing

/// What every script in `scripts/` has in common.
struct ScriptTests {
    private static var scripts: [String] {
        PackageTree.paths(below: "scripts").filter { $0.split(separator: "/").count == 2 }
    }

    @Test
    func `Every script is executable`() {
        #expect(ScriptTests.scripts.count >= 3)
        for path in ScriptTests.scripts + [".ci/run"] {
            let absolute = PackageTree.root.appending(path: path).path
            #expect(FileManager.default.isExecutableFile(atPath: absolute), "\(path)")
        }
    }

    /// The comment at the top is the only text there is, so it can't say something else.
    @Test
    func `Every script documents its usage in its header and prints that header`() throws {
        for path in ScriptTests.scripts {
            let lines = try PackageTree.file(path).lines
            #expect(lines.first?.hasPrefix("#!/usr/bin/env ") == true, "\(path)")
            let head = lines.dropFirst().prefix { $0.hasPrefix("#") }
            #expect(head.contains { $0.contains("  " + path) }, "\(path): no usage line")
            #expect(
                lines.contains { $0.contains("sed -n '2,") && $0.contains("\"$0\"") },
                "\(path) does not print its usage")
        }
    }

    @Test
    func `Every script runs from any folder and stops at the first failure`() throws {
        for path in ScriptTests.scripts {
            let lines = try PackageTree.file(path).lines
            #expect(lines.contains("set -euo pipefail"), "\(path)")
            #expect(lines.contains("cd \"$(dirname \"$0\")/..\""), "\(path)")
        }
    }
}
