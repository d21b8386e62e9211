import AuthCore
package import Storage

/// Account rows written straight to a store: thousands of them in no time.
package enum AccountSeed {
    /// Stores an account that nobody can log in to.
    ///
    /// - Returns: its user id.
    @discardableResult
    package static func insert(
        email: String, into store: any EntityStore, at now: Timestamp
    ) async throws -> String {
        let partition = AccountPartition(email: email)
        let userID = String(partition.name.dropFirst(2).prefix(26))
        let key = EntityKey(partition: partition.name, row: "account")
        let row: EntityProperties = [
            "v": .int64(1), "userId": .string(userID), "email": .string(email),
            "passwordHash": .string("$2b$12$" + String(repeating: ".", count: 53)),
            "sessionEpoch": .int64(0), "createdAt": .timestamp(now),
            "passwordChangedAt": .timestamp(now),
        ]
        _ = try await store.transact(partition: partition.name, [.insert(key, row)])
        return userID
    }
}
