import Foundation

/// The files of this package, as they lie on disk.
enum PackageTree {
    /// One file: where it is below the package's root, and its lines.
    struct File: Sendable, CustomStringConvertible {
        let path: String
        let text: String

        var lines: [String] { text.components(separatedBy: "\n") }
        var description: String { path }

        /// The lines that are code, with their numbers from 1: comment lines are left out.
        var codeLines: [(number: Int, text: String)] {
            lines.enumerated().compactMap { index, line in
                line.trimmingCharacters(in: .whitespaces).hasPrefix("//") ? nil : (index + 1, line)
            }
        }

        /// `path:line: text` of every code line in which `pattern` is found.
        func matches(_ pattern: String) -> [String] {
            codeLines.filter { $0.text.range(of: pattern, options: .regularExpression) != nil }
                .map { "\(path):\($0.number): \($0.text.trimmingCharacters(in: .whitespaces))" }
        }
    }

    static let root = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The file at `path` below the root.
    static func file(_ path: String) throws -> File {
        File(path: path, text: try String(contentsOf: root.appending(path: path), encoding: .utf8))
    }

    /// The paths of all files below `folder` that end in one of `endings` (all files when there are
    /// none), sorted, without hidden ones.
    static func paths(below folder: String, endings: [String] = []) -> [String] {
        let found = FileManager.default.enumerator(atPath: root.appending(path: folder).path)
        let paths = (found?.compactMap { $0 as? String } ?? []).filter { path in
            !path.split(separator: "/").contains { $0.hasPrefix(".") || $0 == "__pycache__" }
                && (endings.isEmpty || endings.contains { path.hasSuffix($0) })
        }
        return paths.map { folder + "/" + $0 }.filter { path in
            var isFolder: ObjCBool = false
            let exists = FileManager.default.fileExists(
                atPath: root.appending(path: path).path, isDirectory: &isFolder)
            return exists && !isFolder.boolValue
        }.sorted()
    }

    /// The Swift files below the folders.
    static func swiftFiles(_ folders: String...) throws -> [File] {
        try folders.flatMap { paths(below: $0, endings: [".swift"]) }.map { try file($0) }
    }

    /// The folders directly below `folder`.
    static func folders(in folder: String) -> Set<String> {
        Set(
            paths(below: folder).compactMap { path in
                let parts = path.split(separator: "/")
                return parts.count > 2 ? String(parts[1]) : nil
            })
    }
}
