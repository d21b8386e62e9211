/// Limits of an `HTTPClient`, and what it trusts.
package struct HTTPClientOptions: Sendable {
    /// Connections at once, used and idle. A request of 5 ms on each of 32 gives 6,400 requests a
    /// second, more than one daemon with bcrypt logins can request.
    package var connectionsMax = 32
    /// Requests that wait for a connection. At 1,000 a wait is already longer than a caller's.
    package var waitingMax = 1_000
    /// Bytes of a response's body. A page of 1,000 large entities is the most that is requested.
    package var responseBytesMax = 16 << 20
    /// Bytes of a response's headers. Services send 1 KiB.
    package var headerBytesMax = 64 << 10
    /// How long connecting may take, including name lookup and TLS.
    package var connectTimeout: Duration = .seconds(3)
    /// How long a connection may have been idle to be reused: less than the four minutes after
    /// which Azure's load balancers silently drop idle ones.
    package var idleSecondsMax = 60
    /// A PEM file of certificate authorities instead of the system's.
    package var authoritiesFile: String?
    /// Sent as `User-Agent`.
    package var userAgent = "authd"

    package init() {}
}
