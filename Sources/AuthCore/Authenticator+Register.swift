package import Bytes
import Storage

extension Authenticator {
    /// A new account.
    package struct Registration: Sendable {
        package let userID: String
        /// The address as it is stored.
        package let email: String
    }

    /// Creates an account. One round trip to the store; one more if an old table may have it.
    ///
    /// - Throws: `.emailInvalid`, `.passwordTooWeak`, `.emailTaken`, `.overloaded`,
    ///   `.storeUnavailable`, `.deadlineExceeded`, `.cancelled`.
    package func register(
        email: String, password: SecretBytes, context: RequestContext
    ) async throws(AuthError) -> Registration {
        let address = try parse(email)
        context.trail.note(partition: AccountPartition(email: address.text))
        let hash = try await hasher.hash(
            new: password, email: address, deadline: context.deadline)
        let account = Account(
            userID: RandomIdentifier.make(), email: address.text, passwordHash: hash,
            createdAt: now())
        context.trail.note(userID: account.userID)
        let inserted = try await writing { () async throws(StoreError) in
            try await repository.insert(account)
        }
        guard inserted else { throw .emailTaken }
        return Registration(userID: account.userID, email: account.email)
    }

    /// The stored form of an address.
    ///
    /// - Throws: `.emailInvalid`.
    func parse(_ email: String) throws(AuthError) -> EmailAddress {
        do {
            return try EmailAddress(parsing: email)
        } catch {
            throw .emailInvalid(error.description)
        }
    }
}
