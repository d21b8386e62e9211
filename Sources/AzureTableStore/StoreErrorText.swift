import Storage

/// The operator's text of a store error.
enum StoreErrorText {
    static func text(_ error: StoreError) -> String {
        switch error {
        case .unavailable(let text), .unknownOutcome(let text), .corrupt(let text): text
        case .alreadyExists, .notFound, .versionMismatch: "\(error)"
        }
    }
}
