package import Bytes
import Foundation
package import Testing

/// Reads the JSON files of `Tests/Vectors`, and those of Project Wycheproof where they are.
package enum Vectors {
    /// The folder with Wycheproof's `testvectors_v1`, from the environment.
    package static let wycheproofFolder = ProcessInfo.processInfo.environment["WYCHEPROOF_DIR"]

    /// The content of one of ours.
    package static func load<Content: Decodable>(
        _ type: Content.Type, _ name: String
    ) throws -> Content {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
        return try decode(folder.appending(path: "../Vectors/\(name)"))
    }

    /// The content of one of Wycheproof's.
    package static func loadWycheproof<Content: Decodable>(
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
    package static var wycheproof: Self {
        .enabled(
            if: Vectors.wycheproofFolder != nil,
            "WYCHEPROOF_DIR does not name the folder of Wycheproof's vectors")
    }
}

/// Bytes written as hexadecimal in a vector file.
package struct HexBytes: Decodable {
    /// What was written.
    package let bytes: [UInt8]

    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        bytes = try #require(Hex.decode(text))
    }

    /// The same as a secret.
    package var secret: SecretBytes { SecretBytes(bytes) }
}

extension SecretBytes {
    /// A copy that tests may look at.
    package var bytes: [UInt8] { withUnsafeBytes { Array($0) } }
}
