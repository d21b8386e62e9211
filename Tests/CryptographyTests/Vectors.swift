import Bytes
import Foundation
import Testing

/// Reads the JSON files of `Tests/Vectors`, and those of Project Wycheproof where they are.
enum Vectors {
    /// The folder with Wycheproof's `testvectors_v1`, from the environment.
    static let wycheproofFolder = ProcessInfo.processInfo.environment["WYCHEPROOF_DIR"]

    static func load<Content: Decodable>(
        _ type: Content.Type, _ name: String
    ) throws -> Content {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
        return try decode(folder.appending(path: "../Vectors/\(name)"))
    }

    static func loadWycheproof<Content: Decodable>(
        _ type: Content.Type, _ name: String
    ) throws -> Content {
        try decode(URL(filePath: #require(wycheproofFolder)).appending(path: name))
    }

    private static func decode<Content: Decodable>(_ file: URL) throws -> Content {
        try JSONDecoder().decode(Content.self, from: Data(contentsOf: file))
    }
}

extension Trait where Self == ConditionTrait {
    /// Wycheproof's files are not part of this repository.
    static var wycheproof: Self {
        .enabled(
            if: Vectors.wycheproofFolder != nil,
            "WYCHEPROOF_DIR does not name the folder of Wycheproof's vectors")
    }
}

/// Bytes written as hexadecimal in a vector file.
struct HexBytes: Decodable {
    let bytes: [UInt8]

    init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        bytes = try #require(Hex.decode(text))
    }

    var secret: SecretBytes { SecretBytes(bytes) }
}

extension SecretBytes {
    var bytes: [UInt8] { withUnsafeBytes { Array($0) } }
}
