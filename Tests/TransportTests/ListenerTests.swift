import Glibc
import Testing

@testable import Transport

struct ListenerTests {
    private func status(_ path: String) -> stat? {
        var status = stat()
        return lstat(path, &status) == 0 ? status : nil
    }

    private func withDirectory(_ body: (String, SocketAddress) throws -> Void) throws {
        let directory = TestServer.makeDirectory()
        defer { TestServer.removeDirectory(directory) }
        try body(directory + "/s.sock", try SocketAddress(unixPath: directory + "/s.sock"))
    }

    @Test(arguments: [UInt32(0o660), 0o600, 0o666, 0o640])
    func `The socket has the mode that was asked for`(mode: UInt32) throws {
        try withDirectory { path, address in
            var options = ListenerOptions()
            options.mode = mode
            let listener = try Listener(address: address, options: options)
            let found = try #require(status(path))
            #expect(found.st_mode & 0o7777 == mode)
            #expect(found.st_mode & S_IFMT == S_IFSOCK)
            listener.removeFile()
            #expect(status(path) == nil)
        }
    }

    @Test
    func `A live socket is refused as in use and keeps serving`() throws {
        try withDirectory { path, address in
            let listener = try Listener(address: address)
            #expect(throws: TransportError.alreadyInUse("unix:" + path)) {
                try Listener(address: address)
            }
            _ = try RawClient(address)
            listener.removeFile()
        }
    }

    @Test
    func `A stale socket is replaced`() throws {
        try withDirectory { path, address in
            do {
                // Closed without removing its file, as after a crash.
                let socket = try Socket(for: address)
                let result = address.withSystemAddress { bind(socket.descriptor, $0, $1) }
                #expect(result == 0)
            }
            #expect(status(path) != nil)
            #expect(throws: TransportError.self) { try RawClient(address) }
            let listener = try Listener(address: address)
            _ = try RawClient(address)
            #expect(status(path).map { $0.st_mode & 0o7777 } == 0o660)
            listener.removeFile()
        }
    }

    @Test
    func `A path that is not a socket is refused and never removed`() throws {
        try withDirectory { path, address in
            let file = open(path, O_CREAT | O_WRONLY, 0o600)
            close(file)
            #expect(throws: TransportError.notASocket(path)) { try Listener(address: address) }
            #expect(status(path) != nil)
            unlink(path)
            symlink("/nowhere", path)
            #expect(throws: TransportError.notASocket(path)) { try Listener(address: address) }
            unlink(path)
        }
    }

    @Test
    func `A socket file that another listener has replaced is not removed`() throws {
        try withDirectory { path, address in
            let first = try Listener(address: address)
            // Kept under another name, so that its inode is not used again.
            rename(path, path + ".old")
            let second = try Listener(address: address)
            first.removeFile()
            #expect(status(path) != nil)
            _ = try RawClient(address)
            second.removeFile()
            #expect(status(path) == nil)
            unlink(path + ".old")
        }
    }

    @Test
    func `A missing directory is created for the owner only`() throws {
        let directory = TestServer.makeDirectory()
        defer { rmdir(directory) }
        let path = directory + "/new/s.sock"
        let listener = try Listener(address: try SocketAddress(unixPath: path))
        #expect(status(directory + "/new").map { $0.st_mode & 0o777 } == 0o700)
        listener.removeFile()
        rmdir(directory + "/new")
    }

    @Test
    func `Owner, group and mode are applied, and a failure to do so leaves no socket`() throws {
        try withDirectory { path, address in
            var options = ListenerOptions()
            // More than chmod(2) applies.
            options.mode = 0o10660
            #expect(throws: TransportError.permissionsNotApplied(path)) {
                try Listener(address: address, options: options)
            }
            #expect(status(path) == nil)
            options.mode = 0o660
            let isRoot = geteuid() == 0
            options.owner = isRoot ? 1 : geteuid()
            options.group = isRoot ? 1 : getegid()
            let listener = try Listener(address: address, options: options)
            let found = try #require(status(path))
            #expect(found.st_uid == (isRoot ? 1 : geteuid()))
            #expect(found.st_gid == (isRoot ? 1 : getegid()))
            #expect(found.st_mode & 0o7777 == 0o660)
            listener.removeFile()
        }
    }

    @Test
    func `TCP port 0 is replaced by a free port, which is then in use`() throws {
        let listener = try Listener(address: try SocketAddress(parsing: "tcp:127.0.0.1:0"))
        guard case .tcp(_, let port) = listener.address.form else {
            Issue.record("no TCP address")
            return
        }
        #expect(port > 0)
        #expect(throws: TransportError.alreadyInUse(listener.address.description)) {
            try Listener(address: listener.address)
        }
    }
}
