package import DispatchBridge

/// Why there is no `HTTPClient`.
package enum HTTPClientError: Error, Equatable, CustomStringConvertible {
    /// The kernel gives no descriptors.
    case eventLoop(EventLoopError)
    /// libcurl is not installed, is older than what is called of it, or has no memory. Its words.
    case libcurl(String)

    package var description: String {
        switch self {
        case .eventLoop(let error): "\(error)"
        case .libcurl(let text): "libcurl can't be used: \(text)"
        }
    }
}
