/// How a Unix socket appears in the file system.
package struct ListenerOptions: Equatable, Sendable {
    /// Permission bits of the socket: whoever may write may connect.
    package var mode: UInt32 = 0o660
    /// A uid; nil keeps the process's own.
    package var owner: UInt32?
    /// A gid; nil keeps the process's own.
    package var group: UInt32?
    /// Permission bits of the directory, if it has to be created. Closed: whoever wants to let
    /// others in creates it beforehand, as a service manager does.
    package var directoryMode: UInt32 = 0o700

    /// The defaults.
    package init() {}
}
