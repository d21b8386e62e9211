import DispatchBridge
import Foundation
import Glibc
import TestSupport
import Testing

@testable import AuthServer

/// What the daemon tells a service manager.
struct ServiceManagerTests {
    private static let process: pid_t = 4711

    /// The manager's end.
    private final class Socket: Sendable {
        let descriptor: Int32

        init(_ name: [UInt8]) throws {
            descriptor = socket(
                AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
            let size = socklen_t(MemoryLayout<sa_family_t>.size + name.count)
            let result = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, size)
                }
            }
            try #require(result == 0)
        }

        deinit { close(descriptor) }

        /// The next datagrams, of which each comes within a minute, or is nil. They are waited for on a
        /// thread of its own: those of Dispatch may all be blocked by senders.
        func next(_ count: Int) async -> [String?] {
            let texts = Promise<[String?]>()
            Thread.detachNewThread {
                texts.fulfil(
                    (0..<count).map { _ in
                        var entry = pollfd(
                            fd: self.descriptor, events: Int16(POLLIN), revents: 0)
                        return poll(&entry, 1, 60_000) == 1 ? self.next() : nil
                    })
            }
            return await texts.value()
        }

        /// The next datagram that is there already, or nil.
        func next() -> String? {
            var bytes = [UInt8](repeating: 0, count: 4096)
            let count = recv(descriptor, &bytes, bytes.count, 0)
            return count < 0 ? nil : String(decoding: bytes.prefix(count), as: UTF8.self)
        }
    }

    private func listening(
        _ path: String, _ others: [String: String] = [:]
    ) -> ServiceManager? {
        ServiceManager(
            environment: others.merging(["NOTIFY_SOCKET": path]) { $1 },
            process: ServiceManagerTests.process)
    }

    @Test(arguments: [false, true])
    func `The service manager is notified of start, reload and stop`(isAbstract: Bool) async throws
    {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/n"
        let socket = try Socket(Array((isAbstract ? "\0" + path : path).utf8))
        let manager = try #require(listening(isAbstract ? "@" + path : path))
        await manager.ready()
        #expect(socket.next() == "READY=1")
        await manager.reloading()
        let reloading = try #require(socket.next())
        #expect(reloading.hasPrefix("RELOADING=1\nMONOTONIC_USEC="))
        await manager.stopping(within: .seconds(30))
        #expect(socket.next() == "STOPPING=1\nEXTEND_TIMEOUT_USEC=45000000")
    }

    @Test func `With a watchdog, stopping extends the watchdog timeout too`() async throws {
        let directory = try TemporaryDirectory()
        let socket = try Socket(Array((directory.path + "/n").utf8))
        let manager = try #require(listening(directory.path + "/n", ["WATCHDOG_USEC": "1000000"]))
        await manager.stopping(within: .seconds(5))
        #expect(
            socket.next()
                == "STOPPING=1\nEXTEND_TIMEOUT_USEC=20000000\nWATCHDOG_USEC=20000000\nWATCHDOG=1")
    }

    @Test(arguments: [
        "", "/", "@", "vsock:2:1234", "relative", "/" + String(repeating: "x", count: 200),
    ])
    func `Without a usable notification socket there is no service manager`(path: String) {
        #expect(listening(path) == nil)
    }

    /// The kernel holds ten messages that nobody has read (`net.unix.max_dgram_qlen`).
    @Test func `Notifications to a manager that is busy are delivered later`() async throws {
        let directory = try TemporaryDirectory()
        let socket = try Socket(Array((directory.path + "/n").utf8))
        let manager = try #require(listening(directory.path + "/n"))
        await withTaskGroup { group in
            for _ in 0..<40 { group.addTask { await manager.ready() } }
            let texts = await socket.next(40)
            #expect(texts.allSatisfy { $0 == "READY=1" })
        }
    }

    @Test func `A manager whose socket is gone does not block the daemon`() async throws {
        let directory = try TemporaryDirectory()
        await (try #require(listening(directory.path + "/gone"))).ready()
    }

    @Test(arguments: [
        [:], ["WATCHDOG_USEC": "0"], ["WATCHDOG_USEC": "-1"], ["WATCHDOG_USEC": "x"],
        ["WATCHDOG_USEC": "1000", "WATCHDOG_PID": "4712"],
    ])
    func `No watchdog runs unless the environment asks this process for one`(
        environment: [String: String]
    ) throws {
        #expect(try #require(listening("/n", environment)).watchdog {} == nil)
    }

    @Test func `The watchdog notifies the manager repeatedly`() async throws {
        let directory = try TemporaryDirectory()
        let socket = try Socket(Array((directory.path + "/n").utf8))
        let manager = try #require(
            listening(
                directory.path + "/n",
                ["WATCHDOG_USEC": "2000", "WATCHDOG_PID": "\(ServiceManagerTests.process)"]))
        let watchdog = try #require(manager.watchdog {})
        defer { watchdog.stop() }
        let texts = await socket.next(5)
        #expect(texts.allSatisfy { $0 == "WATCHDOG=1" })
    }

    @Test func `The watchdog does not report while an event loop hangs or after it is stopped`()
        async throws
    {
        let (probes, probed) = AsyncStream.makeStream(of: Void.self)
        let (signs, signed) = AsyncStream.makeStream(of: Void.self)
        let (answers, answered) = AsyncStream.makeStream(of: Void.self)
        let watchdog = Watchdog(every: .milliseconds(1)) {
            probed.yield()
            for await _ in answers { break }
        } report: {
            signed.yield()
        }
        var probe = probes.makeAsyncIterator()
        var sign = signs.makeAsyncIterator()
        answered.yield()
        #expect(await probe.next() != nil)
        #expect(await sign.next() != nil)
        // The second has been asked for, and nobody answers it until the watchdog is stopped.
        #expect(await probe.next() != nil)
        watchdog.stop()
        answered.yield()
        await watchdog.task.value
        signed.finish()
        #expect(await sign.next() == nil)
    }
}
