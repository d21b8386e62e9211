/// What became of a row of the old table.
package struct OldRowOutcome: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        /// It is an account now.
        case moved(hasSecondFactor: Bool)
        /// It had been moved, and was only left over.
        case finished
        /// Somebody else moved or removed it meanwhile: its user logged in, most likely.
        case gone
        /// Left alone: there is an account with that address that was not created from this row.
        /// The account takes precedence.
        case taken
        /// Left alone: its name can't be an account's address.
        case addressInvalid
        /// Left alone: there is no hash that can be checked, or there is more than an account can
        /// store.
        case unreadable
        /// Left alone: others kept writing to it.
        case busy
    }

    /// The row's name: the address in the old application's form.
    package let row: String
    package let kind: Kind
}
