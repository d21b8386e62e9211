/// A value in the JSON of a token: as much of JSON as JWTs use.
enum TokenJSON: Equatable {
    case string(String)
    case integer(Int64)
    case strings([String])
    /// Well-formed, but of a type that none of our claims has (a truth value, null, a fraction, an
    /// object, a mixed array).
    case other
}
