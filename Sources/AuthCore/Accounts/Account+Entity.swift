import Storage

extension Account {
    /// The version of the row form that this code writes.
    private static let formatVersion: Int64 = 1

    /// Reads a row.
    ///
    /// - Throws: `.corrupt` when a property is missing or has the wrong type, there are too many of
    ///   them, or the row has a newer version than this code knows.
    init(_ entity: Entity) throws(StoreError) {
        var fields = try EntityFields(entity)
        guard try fields.integer("v") == Account.formatVersion else {
            throw .corrupt(
                "account row of partition \(entity.key.partition) has an unknown version")
        }
        self.init(
            userID: try fields.string("userId"), email: try fields.string("email"),
            passwordHash: try fields.string("passwordHash"),
            createdAt: try fields.timestamp("createdAt"))
        passwordMayBeTruncated = try fields.flag("passwordMayBeTruncated")
        sessionEpoch = try fields.counter("sessionEpoch")
        sessionRowsMax = try fields.optionalInteger("sessionRowsMax")
        isDisabled = try fields.flag("disabled")
        passwordChangedAt = try fields.timestamp("passwordChangedAt")
        lastLoginAt = try fields.optionalTimestamp("lastLoginAt")
        secondFactor = try AccountSecondFactor(&fields)
        mfaEpoch = try fields.optionalCounter("mfaEpoch")
        failures = try AccountFailures(&fields)
        passwordReset = try PendingPasswordReset(&fields)
        movedFrom = try AccountOrigin(&fields)
        importDigest = try fields.optionalBinary("importDigest")
        unknownProperties = fields.rest
    }

    /// The properties of the row.
    var properties: EntityProperties {
        var properties = unknownProperties
        properties["v"] = .int64(Account.formatVersion)
        properties["userId"] = .string(userID)
        properties["email"] = .string(email)
        properties["passwordHash"] = .string(passwordHash)
        properties["passwordMayBeTruncated"] = passwordMayBeTruncated ? .boolean(true) : nil
        properties["sessionEpoch"] = .int64(sessionEpoch)
        properties["sessionRowsMax"] = sessionRowsMax.map { .int64($0) }
        properties["disabled"] = isDisabled ? .boolean(true) : nil
        properties["createdAt"] = .timestamp(createdAt)
        properties["passwordChangedAt"] = .timestamp(passwordChangedAt)
        properties["lastLoginAt"] = lastLoginAt.map { .timestamp($0) }
        properties["mfaEpoch"] = mfaEpoch == 0 ? nil : .int64(mfaEpoch)
        if let secondFactor {
            properties.merge(secondFactor.properties)
        }
        if let movedFrom { properties.merge(movedFrom.properties) }
        properties.merge(failures.properties)
        properties["importDigest"] = importDigest.map { .binary($0) }
        if let passwordReset {
            properties.merge(passwordReset.properties)
        }
        return properties
    }
}
