/// Why stored properties can't be read. Never contains a value: values may be secret.
enum PropertyCodecError: String, Error {
    case truncated = "it ends early"
    case trailingBytes = "bytes follow its end"
    case wrongVersion = "its version is unknown"
    case tooManyProperties = "it has too many properties"
    case badName = "a name is malformed"
    case namesNotAscending = "its names repeat or are not in order"
    case badType = "the type of a value is unknown"
    case badLength = "the length of a value is malformed or too large"
    case badText = "a text is not UTF-8"
    case badTimestamp = "a moment is before 1601 or after 9999"
}
