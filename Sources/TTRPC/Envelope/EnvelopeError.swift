/// An envelope that violates the protocol. The call gets INVALID_ARGUMENT.
package enum EnvelopeError: Error, Equatable {
    /// Not protobuf: a truncated field, an overlong number, a wrong wire type, a group.
    case malformed
    /// A `string` field that is not UTF-8.
    case invalidText
    /// More metadata pairs than `EnvelopeLimits.metadataPairsMax`.
    case tooManyMetadataPairs
    /// Metadata longer than `EnvelopeLimits.metadataBytesMax`.
    case metadataTooLong

    /// For the caller to read.
    package var message: String {
        switch self {
        case .malformed: "the envelope is not a valid protobuf message"
        case .invalidText: "a string of the envelope is not UTF-8"
        case .tooManyMetadataPairs: "too many metadata pairs"
        case .metadataTooLong: "the metadata is too long"
        }
    }
}
