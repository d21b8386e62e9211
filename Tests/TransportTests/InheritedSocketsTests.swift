import Glibc
import TTRPC
import Testing

@testable import Transport

/// The sockets that a service manager passes.
struct InheritedSocketsTests {
    private static let process: pid_t = 4711

    private func sockets(
        _ count: String?, names: String? = nil, for target: String? = "4711"
    ) throws -> [InheritedSockets.Passed] {
        var environment: [String: String] = [:]
        environment["LISTEN_PID"] = target
        environment["LISTEN_FDS"] = count
        environment["LISTEN_FDNAMES"] = names
        return try InheritedSockets(
            environment: environment, process: InheritedSocketsTests.process
        ).passed
    }

    /// A socket of a family and type, bound as told; a manager would have done that.
    private func bound(
        _ address: SocketAddress, type: __socket_type = SOCK_STREAM, listens: Bool = true
    ) throws -> Int32 {
        let descriptor = socket(address.family, Int32(type.rawValue), 0)
        try #require(descriptor >= 0)
        try #require(address.withSystemAddress { bind(descriptor, $0, $1) } == 0)
        if listens { try #require(listen(descriptor, 8) == 0) }
        return descriptor
    }

    private func problem(_ descriptor: Int32) -> TransportError? {
        let inherited = InheritedSockets(passed: [.init(name: "a", descriptor: descriptor)])
        do throws(TransportError) {
            _ = try inherited.listeners(named: "a")
        } catch {
            close(descriptor)
            return error
        }
        return nil
    }

    @Test func `Inherited sockets are numbered from 3 and named by the service manager`() throws {
        #expect(
            try sockets("3", names: "authd:admin:authd") == [
                .init(name: "authd", descriptor: 3), .init(name: "admin", descriptor: 4),
                .init(name: "authd", descriptor: 5),
            ])
        #expect(try sockets("1") == [.init(name: "unknown", descriptor: 3)])
        #expect(try sockets("0", names: "") == [])
    }

    @Test func `Sockets passed to another process are ignored`() throws {
        #expect(try sockets("1", for: "4712") == [])
        #expect(try sockets("1", for: nil) == [])
        #expect(try sockets("1", for: "") == [])
        #expect(try sockets("1", for: "x") == [])
        #expect(try sockets(nil) == [])
    }

    @Test(arguments: [("-1", nil), ("65", nil), ("", nil), ("1x", nil), ("2", "a"), ("1", "a:b")])
    func `Invalid socket counts and names are refused`(count: String, names: String?) throws {
        #expect(throws: TransportError.self) { try sockets(count, names: names) }
    }

    @Test func `A name that was not passed is refused with the names that were`() throws {
        let inherited = InheritedSockets(passed: [.init(name: "b", descriptor: -1)])
        #expect(throws: TransportError.notInherited("a", passed: ["b"])) {
            try inherited.listeners(named: "a")
        }
    }

    @Test func `An inherited socket serves connections, and its file stays`() throws {
        let directory = TestServer.makeDirectory()
        defer { TestServer.removeDirectory(directory) }
        let address = try SocketAddress(unixPath: directory + "/s.sock")
        let descriptor = try bound(address)
        let inherited = InheritedSockets(passed: [.init(name: "a", descriptor: descriptor)])
        let listeners = try inherited.listeners(named: "a")
        #expect(listeners.map(\.address) == [address])
        #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0)
        #expect(fcntl(descriptor, F_GETFL) & O_NONBLOCK != 0)
        let client = try RawClient(address)
        let accepted = try #require(listeners.first).accept()
        guard case .accepted(_, .unix(let uid, _, _)) = accepted else {
            Issue.record("nothing was accepted")
            return
        }
        #expect(uid == geteuid())
        withExtendedLifetime(client) {}
        for listener in listeners { listener.stop() }
        // The manager's queue is still open.
        _ = try RawClient(address)
    }

    @Test func `Plain TCP that other machines can reach is refused`() throws {
        let everywhere = SocketAddress(form: .tcp(host: "0.0.0.0", port: 0))
        guard case .inheritedSocketUnfit("a", .reachedFromOutside) = problem(try bound(everywhere))
        else {
            Issue.record("0.0.0.0 was not refused")
            return
        }
        let here = SocketAddress(form: .tcp(host: "127.0.0.1", port: 0))
        #expect(problem(try bound(here)) == nil)
    }

    @Test func `A descriptor that is not a listening stream socket is refused`() throws {
        let here = SocketAddress(form: .tcp(host: "127.0.0.1", port: 0))
        let unfit = TransportError.inheritedSocketUnfit("a", .notListening)
        #expect(problem(try bound(here, type: SOCK_DGRAM, listens: false)) == unfit)
        #expect(problem(try bound(here, listens: false)) == unfit)
        #expect(problem(open("/dev/null", O_RDONLY)) == unfit)
        #expect(problem(-1) == unfit)
    }

    @Test func `Abstract names are shown with an @`() throws {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        // Without one, the kernel chooses a name of a NUL and five hexadecimal digits (unix(7)).
        let size = socklen_t(MemoryLayout<sa_family_t>.size)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) }
        }
        try #require(result == 0)
        let text = try #require(SocketAddress(boundTo: descriptor)).description
        #expect(text.hasPrefix("unix:@") && text.count == 11, "\(text)")
    }
}
