/// Whose row has a place for the failures of an attempt.
enum FailureOwner: Sendable, Equatable {
    /// The account with that id.
    case account(userID: String)
    /// A user of the old table with that address, who becomes an account when failures are saved.
    case unmoved(email: String)

    /// For the log; nil before there is one.
    var userID: String? {
        switch self {
        case .account(let userID): userID
        case .unmoved: nil
        }
    }
}
