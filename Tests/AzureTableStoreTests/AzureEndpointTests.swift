import Testing

@testable import AzureTableStore

struct AzureEndpointTests {
    @Test(
        arguments: [
            ("https://acc.table.core.windows.net", "https://acc.table.core.windows.net", "acc", ""),
            (
                "https://acc.table.core.windows.net/", "https://acc.table.core.windows.net", "acc",
                ""
            ),
            ("acc.table.core.windows.net", "https://acc.table.core.windows.net", "acc", ""),
            (
                "HTTPS://Acc.Table.Core.Windows.Net:443", "https://acc.table.core.windows.net:443",
                "acc", ""
            ),
            (
                "https://a.table.core.usgovcloudapi.net", "https://a.table.core.usgovcloudapi.net",
                "a", ""
            ),
            (
                "https://a.table.core.chinacloudapi.cn", "https://a.table.core.chinacloudapi.cn",
                "a", ""
            ),
            (
                "https://a.z12.table.storage.azure.net", "https://a.z12.table.storage.azure.net",
                "a", ""
            ),
            (
                "https://a.privatelink.table.core.windows.net",
                "https://a.privatelink.table.core.windows.net", "a", ""
            ),
            (
                "http://127.0.0.1:10002/devstoreaccount1/",
                "http://127.0.0.1:10002/devstoreaccount1",
                "devstoreaccount1", "/devstoreaccount1"
            ),
            ("http://acc1.table.localhost:10002", "http://acc1.table.localhost:10002", "acc1", ""),
            ("http://[::1]:10002/acc", "http://[::1]:10002/acc", "acc", "/acc"),
            ("https://azurite:10002/acc", "https://azurite:10002/acc", "acc", "/acc"),
            ("https://tables.example.org", "https://tables.example.org", nil, ""),
        ] as [(String, String, String?, String)])
    func `Endpoints of Azure and its emulators are parsed in every form`(
        _ text: String, _ base: String, _ account: String?, _ prefix: String
    ) throws {
        let endpoint = try AzureEndpoint(parsing: text)
        #expect(endpoint.base == base && endpoint.account == account)
        #expect(endpoint.pathPrefix == prefix)
    }

    @Test(arguments: [
        ("https://a.table.core.windows.net/Users", "USERS_TABLE_NAME"),
        ("http://127.0.0.1:1/acc/Users", "USERS_TABLE_NAME"),
        ("https://a.table.cosmos.azure.com:443", "Cosmos DB"),
        ("https://a-secondary.table.core.windows.net", "secondary"),
        ("http://127.0.0.1:1/acc-secondary", "secondary"),
        ("https://a.blob.core.windows.net", "blob"),
        ("http://a.table.core.windows.net", "plain http"), ("http://10.0.0.1/acc", "plain http"),
        ("http://localhost.example.org/acc", "plain http"),
        ("http://127.0.0.1.example.org/acc", "plain http"),
        ("https://a.table.core.windows.net?sv=1&sig=TOPSECRET", "SAS_TOKEN"),
        ("https://user@a.table.core.windows.net", "user"), ("ftp://x", "https"),
        ("https://", "host"), ("-1", "invalid host name"),
        ("https://a..b/acc", "invalid host name"),
        ("https://a!/acc", "invalid host name"), ("https://-a.example.org", "invalid host name"),
        ("https://a.table.core.windows.net:0", "port"), ("https://a b", "space"),
        ("https://a.table.core.windows.net:x", "port"), ("https://[::1", "port"),
    ])
    func `An unsupported endpoint is refused with the reason`(_ text: String, _ word: String) {
        #expect {
            _ = try AzureEndpoint(parsing: text)
        } throws: { error in
            let said = "\(error)"
            if !said.contains(word) { Issue.record("\(text): \(said)") }
            return !said.contains("TOPSECRET")
        }
    }
}
