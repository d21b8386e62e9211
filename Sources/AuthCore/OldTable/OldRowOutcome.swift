/// What became of a row of the old table.
package struct OldRowOutcome: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        /// It is an account now.
        case moved(hasSecondFactor: Bool)
        /// It had been moved, and was only left over.
        case finished
        /// Somebody else moved or removed it meanwhile: its user logged in, most likely.
        case gone
        /// Left alone: there is an account of that address, which was not made of this row. It is
        /// the one that counts.
        case taken
        /// Left alone: it is named by what no account's address can be.
        case addressInvalid
        /// Left alone: there is no hash that can be checked, or more than an account can keep.
        case unreadable
        /// Left alone: others kept writing to it.
        case busy
    }

    /// The row's name: the address in the old application's form.
    package let row: String
    package let kind: Kind
}
