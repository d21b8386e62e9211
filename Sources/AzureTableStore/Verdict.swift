/// What a response means for its operation. Decided by status and code, never by text.
enum Verdict: Equatable {
    /// 2xx.
    case done
    /// There already is an entity with that key.
    case alreadyExists
    /// There is none.
    case notFound
    /// It has another version.
    case versionMismatch
    /// The table is missing.
    case tableNotFound
    /// Too much at once; not carried out, as far as is known.
    case throttled
    /// Carried out or not: nobody knows.
    case unknown
    /// The token is missing, expired, or not for this service.
    case unauthorized
    /// A query can't continue where it was to.
    case placeUnknown
    /// It will never succeed unchanged.
    case refused

    init(status: Int, code: String) {
        switch (status, code) {
        case (200...299, _): self = .done
        case (409, "EntityAlreadyExists"): self = .alreadyExists
        case (404, "TableNotFound"): self = .tableNotFound
        case (404, "ResourceNotFound"), (404, "EntityNotFound"): self = .notFound
        case (412, _): self = .versionMismatch
        case (429, _), (503, _): self = .throttled
        case (408, _), (500..., _): self = .unknown
        case (401, _): self = .unauthorized
        default: self = .refused
        }
    }
}
