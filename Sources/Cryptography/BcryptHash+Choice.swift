package import Bytes

extension BcryptHash {
    /// The scheme that `make` picks for `password`.
    package static func scheme(for password: SecretBytes) -> Scheme {
        fits(password) ? .bcrypt2b : .bcryptSHA256
    }

    /// A hash without a known password, to be checked if there is no account.
    ///
    /// It is made without hashing, so that a start costs nothing: a random salt and a random
    /// digest.
    ///
    /// - Parameter cost: 4 to `costMax`; checking against it takes as long as against a real hash.
    /// - Returns: a hash of scheme `bcrypt2b`.
    package static func decoy(cost: Int) -> BcryptHash {
        precondition((costs.lowerBound...costMax).contains(cost), "no such bcrypt cost")
        return BcryptHash(
            scheme: .bcrypt2b, cost: cost, salt: BcryptBase64.encode(SecureRandom.bytes(16)),
            digest: Array(BcryptBase64.encode(SecureRandom.bytes(23)).utf8))
    }
}
