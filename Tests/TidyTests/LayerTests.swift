import Testing

/// The layers that ARCHITECTURE.md draws hold in the import lines.
struct LayerTests {
    /// One row of ARCHITECTURE.md's code map.
    struct Target {
        let name: String
        let layer: Int
        let mayImport: Set<String>
    }

    /// Every target may use the C library and the standard library's locks and atomics.
    private static let everywhere: Set = ["Glibc", "Synchronization"]
    private static let cModules: Set = [
        "CAuthdProto", "CCommonPasswords", "CCrypt", "CCurl", "CEpoll", "COpenSSL", "CPNG",
        "CProtobufC", "CQRCodeGen", "CQRImage", "CSQLiteSettings", "CYaml", "CZxcvbn",
        "GRDBSQLite",
    ]

    private static func targets() throws -> [String: Target] {
        var targets: [String: Target] = [:]
        for row in try MarkdownDocument("ARCHITECTURE.md").rows("Code map") {
            guard row.count == 4, let layer = Int(row[0]) else { continue }
            let imports = Set(MarkdownDocument.code(in: row[2]))
            for name in MarkdownDocument.code(in: row[1]) {
                targets[name] = Target(name: name, layer: layer, mayImport: imports)
            }
        }
        return targets
    }

    /// The modules that a file imports, with whether the import is `package`.
    private static func imports(
        of file: PackageTree.File
    ) -> [(line: String, module: String, isPackage: Bool)] {
        file.codeLines.compactMap { _, line in
            let words = line.split { $0 == " " }.map(String.init)
            guard let index = words.firstIndex(of: "import"), words.count > index + 1,
                words[..<index].allSatisfy({
                    $0.hasPrefix("@")
                        || ["package", "internal", "private", "fileprivate", "public"].contains($0)
                })
            else { return nil }
            let kinds: Set = ["struct", "class", "enum", "protocol", "func", "typealias", "var"]
            let named = words[(index + 1)...].first { !kinds.contains($0) } ?? ""
            let module = named.split(separator: ".").first.map(String.init) ?? named
            return (line, module, words.contains("package") || words.contains("public"))
        }
    }

    @Test
    func `Every target imports only what its row of the code map allows`() throws {
        let targets = try LayerTests.targets()
        #expect(targets.count > 15, "the code map was not read")
        for file in try PackageTree.swiftFiles("Sources") {
            let name = String(file.path.split(separator: "/")[1])
            let target = try #require(
                targets[name], "\(name) has no row in ARCHITECTURE.md's code map")
            for (line, module, _) in LayerTests.imports(of: file) {
                #expect(
                    target.mayImport.union(LayerTests.everywhere).contains(module),
                    "\(file): `\(line)`: \(name) may not import \(module)")
            }
        }
    }

    @Test
    func `Every folder of Sources has a row in the code map`() throws {
        let names = Set(try LayerTests.targets().keys)
        #expect(PackageTree.folders(in: "Sources").subtracting(names) == [])
    }

    @Test
    func `Targets may import only from lower layers`() throws {
        let targets = try LayerTests.targets()
        for target in targets.values {
            for imported in target.mayImport.compactMap({ targets[$0] }) {
                #expect(
                    imported.layer < target.layer,
                    "\(target.name) (\(target.layer)) imports \(imported.name) (\(imported.layer))")
            }
        }
    }

    @Test
    func `Only ProtobufCodec and AuthMessages expose C modules to other targets`() throws {
        let may: Set = ["ProtobufCodec", "AuthMessages"]
        for file in try PackageTree.swiftFiles("Sources") {
            let target = String(file.path.split(separator: "/")[1])
            guard !may.contains(target) else { continue }
            for (line, module, isPackage) in LayerTests.imports(of: file) where isPackage {
                #expect(!LayerTests.cModules.contains(module), "\(file): `\(line)`")
            }
        }
    }

    @Test
    func `Only code that creates dispatch queues imports Dispatch`() throws {
        let may = ["Sources/DispatchBridge/", "Sources/Transport/"]
        let mayFiles: Set = [
            "Sources/AuditLog/AuditWriter.swift",  // its writer, which may block
            "Sources/AuthServer/Logging/LogOutput.swift",  // its writer, which may block
            "Sources/SQLiteStore/QueueExecutor.swift",  // the queue behind an actor
            "Sources/SQLiteStore/SQLiteWriter.swift",  // the writer's queue
        ]
        for file in try PackageTree.swiftFiles("Sources") {
            guard !may.contains(where: { file.path.hasPrefix($0) }), !mayFiles.contains(file.path)
            else { continue }
            #expect(!LayerTests.imports(of: file).contains { $0.module == "Dispatch" }, "\(file)")
        }
    }
}
