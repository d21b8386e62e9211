import Bytes
import Glibc
import TestSupport
import Testing

/// Files that are read whole, with their owner and mode.
@Suite struct SmallFileTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func make(_ count: Int, mode: mode_t = 0o600) throws -> String {
        let path = directory.path(of: "file")
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        defer { close(descriptor) }
        let bytes = [UInt8](repeating: 7, count: count)
        try #require(write(descriptor, bytes, count) == count && fchmod(descriptor, mode) == 0)
        return path
    }

    private func problem(_ path: String) -> String? {
        do throws(SmallFile.Problem) {
            _ = try SmallFile(path: path, bytesMax: 2048)
            return nil
        } catch {
            return error.phrase
        }
    }

    @Test(arguments: [0, 1, 2047, 2048])
    func `A file up to the limit is read whole`(_ count: Int) throws {
        let file = try SmallFile(path: try make(count), bytesMax: 2048)
        #expect(file.bytes == SecretBytes([UInt8](repeating: 7, count: count)))
        #expect(file.owner == geteuid())
    }

    @Test(arguments: [(0o600, false), (0o400, false), (0o640, true), (0o601, true)])
    func `The mode is reported, and whether others have any access`(_ mode: mode_t, _ isOpen: Bool)
        throws
    {
        let file = try SmallFile(path: try make(1, mode: mode), bytesMax: 2048)
        #expect(file.mode == mode && file.isOpenToOthers == isOpen)
    }

    @Test func `A file that is too large, not regular or missing is refused without blocking`()
        throws
    {
        #expect(problem(try make(2049)) == "is larger than 2 KiB")
        #expect(problem(directory.path) == "is not a regular file")
        let pipe = directory.path(of: "pipe")
        #expect(mkfifo(pipe, 0o600) == 0)
        #expect(problem(pipe) == "is not a regular file")
        #expect(problem("/dev/zero") == "is not a regular file")
        #expect(problem(directory.path(of: "none"))?.hasPrefix("can't be opened: No such") == true)
    }
}
