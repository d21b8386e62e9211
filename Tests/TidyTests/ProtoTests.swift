import Testing

/// The messages are read by people who write clients: the proto files are their manual.
struct ProtoTests {
    @Test
    func `Every field and every method of the proto has a comment`() throws {
        var found = 0
        for path in PackageTree.paths(below: "proto", endings: [".proto"]) {
            let lines = try PackageTree.file(path).lines
            for (index, line) in lines.enumerated().dropFirst() {
                let words = line.split { $0 == " " }
                let isField =
                    words.count >= 4 && words.last?.hasSuffix(";") == true
                    && words.contains("=") && line.hasPrefix("  ")
                let isMethod = words.first == "rpc"
                guard isField || isMethod, words.first?.hasPrefix("//") == false else { continue }
                found += 1
                #expect(
                    line.contains("//") || lines[index - 1].trimmed.hasPrefix("//"),
                    "\(path):\(index + 1) has no comment: \(line)")
            }
        }
        #expect(found > 100)
    }
}
