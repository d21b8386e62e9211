import AuthCore
import Bytes
import Clocks
import Glibc
import TTRPC

/// What a handler may know about its call, besides the request.
struct ServiceCall: Sendable {
    let context: RequestContext
    private let bearer: SecretBytes?

    /// The access token of the metadata `authorization: Bearer …` (RFC 6750 §2.1).
    ///
    /// - Throws: `.tokenInvalid` when there is none.
    func accessToken() throws(AuthError) -> SecretBytes {
        guard let bearer else { throw .tokenInvalid }
        return bearer
    }

    /// Reads the metadata that authd knows.
    ///
    /// - Throws: `.argumentInvalid` for a value that can't be used.
    init(_ call: CallContext, believesClientAddress: Bool) throws(AuthError) {
        bearer = ServiceCall.bearer(call.metadata.secret("authorization"))
        var context = RequestContext(deadline: call.deadline?.instant, caller: call.peer.callerName)
        if believesClientAddress, let address = call.metadata.value("x-client-address") {
            guard ServiceCall.isAddress(address) else {
                throw .argumentInvalid("x-client-address is not an IP address")
            }
            context.clientAddress = address
        }
        if let name = call.metadata.value("x-client-name") {
            guard name.utf8.count <= ServiceCall.clientNameBytesMax,
                !name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
            else {
                throw .argumentInvalid(
                    "x-client-name is longer than 100 bytes or contains control characters")
            }
            context.clientName = name
        }
        self.context = context
    }

    /// A label fits on one line of a list.
    private static let clientNameBytesMax = 100

    private static func bearer(_ value: SecretBytes?) -> SecretBytes? {
        let scheme = "bearer ".utf8
        guard let value, value.count > scheme.count else { return nil }
        let matches = value.withUnsafeBytes { value in
            zip(value, scheme).allSatisfy { $0 | 0x20 == $1 }
        }
        return matches
            ? value.slice(from: scheme.count, count: value.count - scheme.count) : nil
    }

    private static func isAddress(_ text: String) -> Bool {
        var room = in6_addr()
        return inet_pton(AF_INET, text, &room) == 1 || inet_pton(AF_INET6, text, &room) == 1
    }
}
