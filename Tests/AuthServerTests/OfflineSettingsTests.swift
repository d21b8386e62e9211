import AuthServer
import Bytes
import Glibc
import TestSupport
import Testing

/// The daemon's settings as tools without a daemon read them.
struct OfflineSettingsTests {
    private static func load(
        _ file: String?, isRoot: Bool = false, directory: String = "/nonexistent"
    ) throws -> OfflineSettings {
        try OfflineSettings.load(
            environment: plainEnvironment, envFile: file,
            host: HostFacts(isRoot: isRoot, cores: 1, currentDirectory: directory))
    }

    @Test
    func `A file that sets only the state directory is enough, and other settings are ignored`()
        throws
    {
        let directory = try TemporaryDirectory()
        let file = try directory.write(
            ".env", "AUTHD_STATE_DIR=/var/lib/authd\nAUTHD_CALLERS_FILE=/nonexistent\n")
        let settings = try Self.load(file)
        #expect(settings.store.stateDirectory == "/var/lib/authd")
        #expect(settings.store.kind == .sqlite(path: "/var/lib/authd/authd.sqlite"))
        #expect(settings.secret == nil)
        #expect(throws: ConfigurationError.self) { try Self.load("/nonexistent/.env") }
    }

    @Test(.enabled(if: geteuid() == 0, "needs root"))
    func `Root reads the daemon's file only when it is named and private to its owner`() throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write(
            ".env", "JWT_SECRET=0123456789012345678901234567890123456789\n")
        #expect(chown(file, 54_321, 54_321) == 0)
        chmod(file, 0o600)
        #expect(try Self.load(file, isRoot: true).secret?.count == 40)
        // The daemon itself accepts only its own; a file that was not named is not accepted either.
        #expect(throws: ConfigurationError.self) {
            try AuthServerTests.load(file: file)
        }
        #expect(throws: ConfigurationError.self) {
            try Self.load(nil, isRoot: true, directory: directory.path)
        }
        for mode: mode_t in [0o640, 0o602, 0o604] {
            chmod(file, mode)
            #expect(throws: ConfigurationError.self) { try Self.load(file, isRoot: true) }
        }
    }
}
