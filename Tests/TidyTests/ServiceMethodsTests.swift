import Testing

/// The names of RPCs that a policy may use are those of `proto/`.
struct ServiceMethodsTests {
    private func names(_ path: String) throws -> Set<String> {
        let rpcs = try PackageTree.file(path).lines.filter { $0.trimmed.hasPrefix("rpc ") }
        return Set(rpcs.map { String($0.trimmed.dropFirst(4).prefix { $0 != "(" }) })
    }

    private func listed(_ constant: String) throws -> Set<String> {
        let file = try PackageTree.file("Sources/AuthService/Callers/ServiceMethods.swift")
        let text = try #require(file.text.split(separator: "static let \(constant): Set = [").last)
        let list = text.prefix { $0 != "]" }
        return Set(
            list.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
                .filter { $0.offset % 2 == 1 }.map { String($0.element) })
    }

    @Test
    func `Every RPC of the proto files can be named in a policy`() throws {
        for (constant, path) in [("auth", "auth.proto"), ("admin", "admin.proto")] {
            let names = try names("proto/authd/v1/\(path)")
            #expect(names.count >= 10)
            #expect(try listed(constant) == names)
        }
    }
}
