import AuthServer
import Bytes
import Glibc
import TestSupport
import Testing

/// What `--check-config` prints.
struct CheckConfigTests {
    @Test func `Every setting is printed on one line, in the order of the settings table`() throws {
        let names = try load().effectiveValues().map { String($0.prefix { $0 != "=" }) }
        #expect(names == Setting.all.map(\.name))
    }

    @Test func `No line contains any part of a secret`() throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write(
            ".env", "ENCRYPTION_KEY='filesecret-filesecret-filesecret-filesecret'\n")
        let configuration = try load(
            [
                "JWT_SECRET": "envsecret-envsecret-envsecret-envsecret",
                "AZURE_TABLE_CONN_STRING": "sassecret",
            ], file: file)
        let output = configuration.effectiveValues().joined(separator: "\n")
        #expect(!output.contains("secret-") && !output.contains("sassecret"))
        #expect(output.contains("JWT_SECRET=(set)  (environment)"))
        #expect(output.contains("SAS_TOKEN=(set)  (environment)"))
        #expect(output.contains("ENCRYPTION_KEY=(set)  (\(file))"))
        var dumped = ""
        dump(configuration, to: &dumped)
        #expect(!dumped.contains("secret-") && !dumped.contains("sassecret"))
    }

    /// The library writes each read to the file that CONFIG_ACCESS_LOG_FILE names.
    @Test func `The access log of the configuration library contains no secret`() async throws {
        let directory = try TemporaryDirectory()
        let log = try directory.write("access.log", "")
        let file = try directory.write(
            ".env", "ENCRYPTION_KEY='filesecret-filesecret-filesecret-filesecret'\n")
        await #expect(processExitsWith: .success) { [log = log as String, file = file as String] in
            setenv("CONFIG_ACCESS_LOG_FILE", log, 1)
            let secret = "envsecret-envsecret-envsecret-envsecret"
            _ = try load(["JWT_SECRET": secret], file: file)
        }
        let content = try SecretFile.read(log).withUnsafeBytes {
            String(decoding: $0, as: UTF8.self)
        }
        #expect(content.contains("JWT_SECRET") && content.contains("ENCRYPTION_KEY"))
        #expect(!content.contains("secret-"))
    }

    @Test func `An unset secret shows where it will be generated, or that it is not set`() throws {
        let configuration = try load()
        #expect(
            shown("JWT_SECRET", configuration)
                == "JWT_SECRET=(generated in /home/ann/.local/state/authd/jwt_secret)  (default)")
        #expect(shown("SAS_TOKEN", configuration) == "SAS_TOKEN=(not set)  (default)")
    }

    @Test func `A value cannot forge a line`() throws {
        let configuration = try load(["AUTHD_JWT_ISSUER": "a\u{2028}b\u{202e}c"])
        #expect(
            shown("AUTHD_JWT_ISSUER", configuration)
                == "AUTHD_JWT_ISSUER=a\\u{2028}b\\u{202e}c  (environment)")
    }

    @Test func `No secret has an option, and no two settings share one`() {
        let options = Setting.all.compactMap(\.optionName)
        #expect(Set(options).count == options.count)
        #expect(options.contains("--bcrypt-cost") && options.contains("--env-file"))
        #expect(Setting.all.allSatisfy { !$0.isSecret || $0.optionName == nil })
    }
}
