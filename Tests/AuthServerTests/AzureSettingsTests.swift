import AuthServer
import TestSupport
import Testing

/// The variables of Azure Table Storage.
struct AzureSettingsTests {
    private static let endpoint = "https://acc.table.core.windows.net"
    private static let identifier = "01234567-89ab-cdef-0123-456789ABCDEF"

    @Test(arguments: [
        (["AZURE_FEDERATED_TOKEN_FILE": "/t"], "AZURE_CLIENT_ID"),
        (["AZURE_FEDERATED_TOKEN_FILE": "/t", "AZURE_CLIENT_ID": identifier], "AZURE_TENANT_ID"),
        (["AZURE_FEDERATED_TOKEN_FILE": "/t", "AZURE_TENANT_ID": identifier], "AZURE_CLIENT_ID"),
        (["IDENTITY_ENDPOINT": "http://127.0.0.1:1/token"], "IDENTITY_HEADER"),
        (["IDENTITY_HEADER": "x"], "IDENTITY_ENDPOINT"),
    ])
    func `An incomplete identity is refused instead of falling back to another identity`(
        values: [String: String], missing: String
    ) throws {
        let line = try refusal(values.merging(["ENDPOINT": Self.endpoint]) { $1 })
        #expect(line.hasPrefix("\(missing) (default): is not set"), "\(line)")
        // Platforms set them on their own, whether the daemon needs an identity or not.
        let signature = "sv=2019-02-02&sig=x"
        _ = try load(values)
        _ = try load(
            values.merging(["ENDPOINT": Self.endpoint, "SAS_TOKEN": signature]) { $1 })
    }

    @Test func `Every kind of complete identity is accepted`() throws {
        let values = [
            "ENDPOINT": Self.endpoint, "AZURE_FEDERATED_TOKEN_FILE": "/t",
            "AZURE_CLIENT_ID": Self.identifier,
        ]
        for tenant in [Self.identifier, "contoso.onmicrosoft.com"] {
            let configuration = try load(values.merging(["AZURE_TENANT_ID": tenant]) { $1 })
            #expect("\(configuration.store.azure.identity)".hasPrefix("workload"))
        }
        let service = try load([
            "ENDPOINT": Self.endpoint, "IDENTITY_ENDPOINT": "http://127.0.0.1:1/token",
            "IDENTITY_HEADER": "x",
        ])
        #expect("\(service.store.azure.identity)".hasPrefix("appService"))
        let machine = try load(["ENDPOINT": Self.endpoint, "AZURE_CLIENT_ID": Self.identifier])
        #expect("\(machine.store.azure.identity)".hasPrefix("virtualMachine"))
        #expect("\(machine.store.azure.identity)".contains(Self.identifier))
    }

    @Test(arguments: [
        ("AZURE_CLIENT_ID", "-1"), ("AZURE_CLIENT_ID", "01234567-89ab-cdef-0123-456789abcdeg"),
        ("AZURE_CLIENT_ID", "contoso.example"), ("AZURE_TENANT_ID", "-1"),
        ("AZURE_TENANT_ID", "contoso"), ("AZURE_TENANT_ID", "-a.example"), ("ENDPOINT", "-1"),
        ("AZURE_AUTHORITY_HOST", "https://-1"), ("AZURE_AUTHORITY_HOST", "https:///x"),
        ("IDENTITY_ENDPOINT", "http://"), ("IDENTITY_ENDPOINT", "http://a:b"),
    ])
    func `A malformed value is refused by its name`(name: String, value: String) throws {
        #expect(try refusal([name: value]).hasPrefix("\(name) (environment): "))
    }

    @Test(arguments: [
        ("AZURE_AUTHORITY_HOST", "https://user:hunter2@login.example"),
        ("IDENTITY_ENDPOINT", "http://user:hunter2@127.0.0.1/"),
    ])
    func `A URL with a password is refused without repeating it`(
        name: String, value: String
    ) throws {
        let line = try refusal([name: value])
        #expect(line.hasPrefix("\(name) (environment): "))
        #expect(line.contains("has a user in it") && !line.contains("hunter2"), "\(line)")
    }

    @Test func `A credential that can't be used names where it came from`() throws {
        let line = try refusal(["ENDPOINT": Self.endpoint, "SAS_TOKEN": "nonsense"])
        #expect(line.hasPrefix("SAS_TOKEN (environment): is not a SAS"), "\(line)")
        let directory = try TemporaryDirectory()
        let file = try directory.write(".env", "SAS_TOKEN=nonsense\n")
        let other = try refusal(["ENDPOINT": Self.endpoint], file: file)
        #expect(other.hasPrefix("SAS_TOKEN (\(file)): is not a SAS"), "\(other)")
    }
}
