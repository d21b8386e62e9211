/// How a Unix socket appears in the file system.
package struct ListenerOptions: Equatable, Sendable {
    /// Permission bits of the socket: who may write may connect.
    package var mode: UInt32 = 0o660
    /// A uid; nil leaves the process's own.
    package var owner: UInt32?
    /// A gid; nil leaves the process's own.
    package var group: UInt32?
    /// Permission bits of the directory, when it has to be made. Closed: whoever wants others to
    /// come in makes it himself, as a service manager does.
    package var directoryMode: UInt32 = 0o700

    /// The defaults.
    package init() {}
}
