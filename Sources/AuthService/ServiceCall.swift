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
            guard let canonical = ServiceCall.canonicalAddress(address) else {
                throw .argumentInvalid("x-client-address is not an IP address")
            }
            context.clientAddress = canonical
        }
        if let name = call.metadata.value("x-client-name") {
            guard name.utf8.count <= ServiceCall.clientNameBytesMax,
                !name.unicodeScalars.contains(where: ServiceCall.changesLayout)
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

    /// Whether a character ends a line, controls a terminal, or changes the direction of what comes
    /// after it (UAX #9 §2), so that a list of sessions shows something else than it holds.
    private static func changesLayout(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: scalar.properties.isBidiControl
        }
    }

    private static func bearer(_ value: SecretBytes?) -> SecretBytes? {
        let scheme = "bearer ".utf8
        guard let value, value.count > scheme.count else { return nil }
        let matches = value.withUnsafeBytes { value in
            zip(value, scheme).allSatisfy { $0 | 0x20 == $1 }
        }
        return matches
            ? value.slice(from: scheme.count, count: value.count - scheme.count) : nil
    }

    /// An IP address as inet_ntop writes it, so that each has one text, and nothing else gets into
    /// sessions and the audit log; nil for what is not one.
    private static func canonicalAddress(_ text: String) -> String? {
        // A C function would not see what comes after it.
        guard !text.utf8.contains(0) else { return nil }
        var binary = in6_addr()
        for family in [AF_INET, AF_INET6] where inet_pton(family, text, &binary) == 1 {
            var room = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
            inet_ntop(family, &binary, &room, socklen_t(room.count))
            let text = room.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            return String(decoding: text, as: UTF8.self)
        }
        return nil
    }
}
