import TestSupport

/// The file `bcrypt.json`.
struct BcryptVectors: Decodable {
    struct Vector: Decodable {
        let password: HexBytes
        let hash: String
    }
    let published: [Vector]
    let prehashed: [Vector]
    let truncated: [Vector]

    static func load() throws -> BcryptVectors {
        try Vectors.load(BcryptVectors.self, "bcrypt.json")
    }
}
