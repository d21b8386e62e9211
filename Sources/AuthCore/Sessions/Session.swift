package import Storage

/// One login of a user, kept alive by refreshing.
package struct Session: Sendable, Equatable {
    /// 26 characters. The `sid` of tokens.
    package let sessionID: String
    /// The account that logged in. Sessions of an earlier account with the same email are invalid.
    package let userID: String
    /// The account's epoch that this session belongs to.
    package var epoch: Int64
    /// The generation of the valid refresh token; goes up by one with each refresh.
    package var generation: Int64 = 1
    package let createdAt: Timestamp
    /// When `generation` was reached: the login or the last refresh.
    package var rotatedAt: Timestamp
    /// When the user authenticated.
    package let authenticatedAt: Timestamp
    /// How they did (RFC 8176): `pwd`, and `otp` or `recovery`.
    package let authenticationMethods: [String]
    /// Label given at login; may be empty.
    package let clientName: String
    /// End user's address at login; may be empty.
    package let clientAddress: String

    package init(
        sessionID: String, account: Account, now: Timestamp, authenticationMethods: [String],
        clientName: String, clientAddress: String
    ) {
        self.sessionID = sessionID
        userID = account.userID
        epoch = account.sessionEpoch
        createdAt = now
        rotatedAt = now
        authenticatedAt = now
        self.authenticationMethods = authenticationMethods
        self.clientName = clientName
        self.clientAddress = clientAddress
    }

    /// Whether the session is `account`'s and has not been ended by a later epoch.
    package func belongs(to account: Account) -> Bool {
        userID == account.userID && epoch == account.sessionEpoch
    }
}

extension Session {
    private static let formatVersion: Int64 = 1

    /// Reads a row.
    ///
    /// - Throws: `.corrupt` when a property is missing or has the wrong type, there are too many of
    ///   them, or the row has a newer version than this code knows.
    init(_ entity: Entity) throws(StoreError) {
        var fields = try EntityFields(entity)
        guard try fields.integer("v") == Session.formatVersion else {
            throw .corrupt("row \(entity.key.row) has an unknown version")
        }
        sessionID = String(entity.key.row.dropFirst(AccountPartition.sessionRowPrefix.count))
        userID = try fields.string("userId")
        epoch = try fields.counter("epoch")
        generation = try fields.counter("generation")
        createdAt = try fields.timestamp("createdAt")
        rotatedAt = try fields.timestamp("rotatedAt")
        authenticatedAt = try fields.timestamp("authenticatedAt")
        authenticationMethods = Session.methods(try fields.string("amr"))
        clientName = try fields.optionalString("clientName") ?? ""
        clientAddress = try fields.optionalString("clientAddress") ?? ""
    }

    /// The properties of the row. `expiresAt` is for sweeps; nothing else reads it.
    func properties(expiresAt: Timestamp) -> EntityProperties {
        var properties: EntityProperties = [
            "amr": .string(authenticationMethods.joined(separator: " ")),
            "authenticatedAt": .timestamp(authenticatedAt),
            "createdAt": .timestamp(createdAt),
            "epoch": .int64(epoch),
            "expiresAt": .timestamp(expiresAt),
            "generation": .int64(generation),
            "rotatedAt": .timestamp(rotatedAt),
            "userId": .string(userID),
            "v": .int64(Session.formatVersion),
        ]
        if !clientName.isEmpty { properties["clientName"] = .string(clientName) }
        if !clientAddress.isEmpty { properties["clientAddress"] = .string(clientAddress) }
        return properties
    }

    /// The methods in a property; usually one word.
    private static func methods(_ text: String) -> [String] {
        guard text.utf8.contains(UInt8(ascii: " ")) else { return text.isEmpty ? [] : [text] }
        return text.split(separator: " ").map(String.init)
    }
}
