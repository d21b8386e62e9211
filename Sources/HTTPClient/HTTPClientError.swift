package import DispatchBridge

/// Why there is no `HTTPClient`.
package enum HTTPClientError: Error, Equatable, CustomStringConvertible {
    /// The kernel provides no descriptors.
    case eventLoop(EventLoopError)
    /// libcurl is not installed, is too old for the functions in use, or has no memory. Its
    /// message.
    case libcurl(String)

    package var description: String {
        switch self {
        case .eventLoop(let error): "\(error)"
        case .libcurl(let text): "libcurl can't be used: \(text)"
        }
    }
}
