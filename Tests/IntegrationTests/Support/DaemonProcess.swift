import Dispatch
import DispatchBridge
import Foundation
import Synchronization

/// The built daemon as a process of its own. It is killed when the test lets go of it.
final class DaemonProcess: Sendable {
    enum Exit: Equatable, Sendable {
        case code(Int32)
        case signal(Int32)
    }

    /// What the waiting thread shares with the owner.
    private final class State: Sendable {
        /// Whether the number still names our process: it does until it is waited for.
        let isAlive = Mutex(true)
        let exit = Promise<Exit>()
    }

    private final class BundleMarker {}

    /// The path of the built daemon.
    static var program: String {
        Bundle(for: BundleMarker.self).bundleURL.appendingPathComponent("authd").path
    }

    let identifier: pid_t
    private let state = State()

    /// Starts `authd` with exactly this environment, in `directory`; its output is appended to the
    /// file `log`. `sockets` are passed as a service manager does, with LISTEN_PID and LISTEN_FDS.
    init(
        arguments: [String] = [], environment: [String: String], directory: String, log: String,
        passing sockets: [Int32] = []
    ) throws {
        identifier = try DaemonProcess.spawn(
            [DaemonProcess.program] + arguments, environment.map { "\($0)=\($1)" }, directory, log,
            sockets)
        DispatchQueue.global().async { [identifier, state] in
            DaemonProcess.wait(identifier, state)
        }
    }

    deinit {
        signal(SIGKILL)
    }

    /// Sends a signal, unless the process has ended.
    func signal(_ number: Int32) {
        state.isAlive.withLock { isAlive in
            if isAlive { kill(identifier, number) }
        }
    }

    var isRunning: Bool { state.isAlive.withLock { $0 } }

    /// How it ended, as soon as it has.
    func exit() async -> Exit { await state.exit.value() }

    /// How it ended, if it does within `limit`.
    func exit(within limit: Duration) async throws -> Exit {
        try await eventually("the end of authd", within: limit) { isRunning ? nil : () }
        return await exit()
    }

    /// Anonymous memory that is in RAM now, in bytes.
    func residentBytes() throws -> Int {
        let text = try String(contentsOfFile: "/proc/\(identifier)/status", encoding: .utf8)
        let line = text.split(separator: "\n").first { $0.hasPrefix("RssAnon:") }
        guard let kibibytes = line?.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
        else { throw TestFailure("no RssAnon in: \(text)") }
        return kibibytes * 1024
    }

    /// How many heaps `malloc` has beside the first: each is a mapping without a name, in the first part
    /// of 64 MiB that begin at a multiple of that.
    func mappedHeapCount() throws -> Int {
        let byteCount = 64 << 20
        let maps = try String(contentsOfFile: "/proc/\(identifier)/maps", encoding: .utf8)
        return maps.split(separator: "\n").count { line in
            let fields = line.split(separator: " ")
            let bounds = fields[0].split(separator: "-").compactMap { Int($0, radix: 16) }
            return fields.count == 5 && fields[1] == "rw-p"
                && bounds[0].isMultiple(of: byteCount) && bounds[1] - bounds[0] < byteCount
        }
    }

    /// How many descriptors it has open.
    func descriptorCount() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/\(identifier)/fd").count
    }

    private static func wait(_ identifier: pid_t, _ state: State) {
        var information = siginfo_t()
        // Looked at first and taken away under the lock: until then the number can't be another's.
        while waitid(P_PID, id_t(identifier), &information, WEXITED | WNOWAIT) < 0, errno == EINTR {
        }
        var status: Int32 = 0
        state.isAlive.withLock { isAlive in
            while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
            isAlive = false
        }
        let number = status & 0x7f
        state.exit.fulfil(number == 0 ? .code(status >> 8 & 0xff) : .signal(number))
    }

    private static func spawn(
        _ arguments: [String], _ environment: [String], _ directory: String, _ log: String,
        _ sockets: [Int32]
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(
            &actions, STDOUT_FILENO, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        // From 3 on in the child; first above, so that none is overwritten before its turn.
        let copies = sockets.map { fcntl($0, F_DUPFD_CLOEXEC, 64) }
        defer { for copy in copies { close(copy) } }
        for (index, copy) in copies.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, copy, 3 + Int32(index))
        }
        // The shell becomes the daemon and so knows its number.
        let script = "LISTEN_PID=$$ LISTEN_FDS=\(sockets.count) exec \"$@\""
        let arguments = (sockets.isEmpty ? [] : ["/bin/sh", "-c", script, "sh"]) + arguments
        // Glibc's module has no `posix_spawn_file_actions_addchdir_np`; `env` becomes the daemon.
        let program = "/usr/bin/env"
        let argv = ([program, "-C", directory] + arguments).map { strdup($0) } + [nil]
        let envp = environment.map { strdup($0) } + [nil]
        defer { for text in argv + envp { free(text) } }
        var identifier: pid_t = 0
        let code = posix_spawn(&identifier, program, &actions, nil, argv, envp)
        guard code == 0 else {
            throw TestFailure("\(program): \(String(cString: strerror(code)))")
        }
        return identifier
    }
}
