import Bytes
import CBcrypt

/// What computes bcrypt.
package enum BcryptEngine: Sendable {
    /// libxcrypt: one hash after the other on each thread.
    case library
    /// Our own code, which shares a core among several hashes.
    case lanes(BcryptLanes)

    /// Our own code if it computes correctly here, else libxcrypt.
    ///
    /// Takes some milliseconds: known hashes at cost 4, on each number of lanes.
    ///
    /// - Parameter coreCount: how many threads compute at once; each takes up to
    ///   `BcryptLanes.lanesMax` hashes.
    /// - Returns: the engine to use.
    package static func chosen(coreCount: Int) -> BcryptEngine {
        guard cbcrypt_is_optimized(), passesSelfTest() else { return .library }
        return .lanes(BcryptLanes(coreCount: coreCount))
    }

    /// How many threads can usefully be inside this engine at once.
    package func usefulThreads(coreCount: Int) -> Int {
        switch self {
        case .library: coreCount
        case .lanes: coreCount * BcryptLanes.lanesMax
        }
    }

    /// A hash whose result is known: as libxcrypt 4.4 computes it under `$2b$04$`.
    private struct KnownAnswer {
        let password: [UInt8]
        let salt: String
        let digest: String
    }

    /// Together they cover each byte of a key, a sign bit in each place of a word, and an empty
    /// key.
    private static let knownAnswers = [
        KnownAnswer(
            password: [], salt: "......................",
            digest: "w74bL5gU7LSJClZClCa.Pkz14aTv/XO"),
        KnownAnswer(
            password: Array("U*U".utf8), salt: "abcdefghijklmnopqrstuu",
            digest: "CFaEytnzrfaPZJKbS76hh9vqd9r8v2S"),
        KnownAnswer(
            password: (184...255).reversed(), salt: "zzzzzzzzzzzzzzzzzzzzzu",
            digest: "rtkYLDPKNUHkwjLof5sxAsES9GGzSum"),
        KnownAnswer(
            password: (0..<71).map { [0x61, 0x80, 0x7a, 0xff][$0 % 4] },
            salt: ".PkGYVHAG5ZQ3hdc9KJ1de", digest: "oPQ2gh9QdDuOOrdAfFhN.mkWhLg6Ocm"),
    ]

    /// Whether each number of lanes, on each group of neighbors among the known answers, computes
    /// what libxcrypt does.
    private static func passesSelfTest() -> Bool {
        (1...BcryptLanes.lanesMax).allSatisfy { count in
            (0...(knownAnswers.count - count)).allSatisfy { first in
                passes(knownAnswers[first..<(first + count)])
            }
        }
    }

    private static func passes(_ answers: ArraySlice<KnownAnswer>) -> Bool {
        let cost = 4
        let lanes = answers.compactMap { answer in
            BcryptBase64.decode(answer.salt).map {
                BcryptLane(password: SecretBytes(answer.password), salt: $0, cost: cost)
            }
        }
        guard lanes.count == answers.count else { return false }
        BcryptLane.run(lanes, rounds: 1 << UInt64(cost))
        return zip(lanes, answers).allSatisfy { lane, answer in
            lane.isDone && lane.finish { $0.elementsEqual(answer.digest.utf8) }
        }
    }
}
