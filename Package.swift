// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

/// How the programs are linked for release, so that little of them is in memory (decision 0027).
/// For programs alone: a library with such flags could be no dependency of another package.
let programLinking: [LinkerSetting] = [
    .unsafeFlags(
        ["-use-ld=lld"]
            + [
                // What an idle daemon runs stands together; scripts/make-startup-order finds it.
                "--symbol-ordering-file=\(Context.packageDirectory)/scripts/lib/startup-order.txt",
                "--no-warn-symbol-ordering",
                // Nobody links to a program: no names for that.
                "--no-export-dynamic",
                // All addresses are bound at the start, and read-only from then on.
                "-z", "now",
                // The start reads 20 KiB of relocations instead of 2 MiB.
                "-z", "pack-relative-relocs",
            ].flatMap { ["-Xlinker", $0] },
        .when(configuration: .release))
]

func target(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

/// A library that only tests use.
func testLibrary(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Tests/\(name)", swiftSettings: settings)
}

let package = Package(
    name: "authd",
    products: [
        .library(name: "AuthClient", targets: ["AuthClient"]),
        .executable(name: "authd", targets: ["authd"]),
        .executable(name: "authctl", targets: ["authctl"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(
            url: "https://github.com/apple/swift-configuration", exact: "1.4.0", traits: []),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    ],
    targets: [
        // 0: C
        .systemLibrary(
            name: "CProtobufC", pkgConfig: "libprotobuf-c",
            providers: [.apt(["libprotobuf-c-dev"])]),
        .systemLibrary(
            name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(
            name: "CCrypt", pkgConfig: "libxcrypt", providers: [.apt(["libcrypt-dev"])]),
        .systemLibrary(
            name: "CArgon2", pkgConfig: "libargon2", providers: [.apt(["libargon2-dev"])]),
        .target(
            name: "CAuthdProto", dependencies: ["CProtobufC"], publicHeadersPath: "."),
        .systemLibrary(name: "CZxcvbn", providers: [.apt(["libzxcvbn-dev"])]),
        .target(name: "CEpoll"),
        // Optimized in debug builds too: a hash would take ten times as long, and tests make many.
        .target(
            name: "CBcrypt",
            cSettings: [.unsafeFlags(["-O2"], .when(configuration: .debug))]),
        .target(name: "CCommonPasswords"),
        // SQLite itself is linked by GRDB.
        .target(name: "CSQLiteSettings"),
        .systemLibrary(
            name: "CQRCodeGen", pkgConfig: "qrcodegen",
            providers: [.apt(["libqrcodegen-dev"])]),
        .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
        .target(name: "CQRImage", dependencies: ["CPNG"]),
        // Loaded by name when it is used, and not linked: needs only the header.
        .target(name: "CCurl"),
        target("Clocks", []),
        // 1
        target("Bytes", []),
        target("DispatchBridge", ["CEpoll", "Clocks"]),
        target("Storage", []),
        // 2
        target("ProtobufCodec", ["Bytes", "CProtobufC"]),
        target("Cryptography", ["Bytes", "CBcrypt", "COpenSSL", "CCrypt", "CArgon2"]),
        target("QRCode", ["Bytes", "CQRCodeGen", "CQRImage"]),
        target("HTTPClient", ["Bytes", "DispatchBridge", "CCurl"]),
        // 3
        target("TTRPC", ["Bytes", "Clocks"]),
        target("AuthMessages", ["Bytes", "CAuthdProto", "ProtobufCodec"]),
        target(
            "AuthCore",
            [
                "Bytes", "Clocks", "Cryptography", "DispatchBridge", "Storage", "CZxcvbn",
                "CCommonPasswords",
            ]),
        target("AuditLog", ["Bytes", "Cryptography", "DispatchBridge"]),
        target(
            "SQLiteStore",
            [
                "Bytes", "CSQLiteSettings", "Storage",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ]),
        target(
            "AzureTableStore",
            ["Bytes", "Cryptography", "DispatchBridge", "HTTPClient", "Storage"]),
        // 4
        target(
            "Transport", ["Bytes", "Clocks", "TTRPC", "DispatchBridge", "CEpoll", "COpenSSL"]),
        target(
            "AuthService",
            ["Bytes", "Clocks", "TTRPC", "AuthMessages", "AuthCore", "QRCode"]),
        // 5
        target(
            "AuthServer",
            [
                "AuditLog", "AuthCore", "AuthMessages", "AuthService", "AzureTableStore", "Bytes",
                "Cryptography",
                "DispatchBridge", "HTTPClient", "SQLiteStore", "Storage", "TTRPC", "Transport",
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Yams", package: "Yams"),
            ]),
        target(
            "AuthClient",
            ["AuthMessages", "Bytes", "DispatchBridge", "ProtobufCodec", "TTRPC", "Transport"]),
        // 6
        .executableTarget(
            name: "authctl",
            dependencies: [
                "AuditLog", "AuthClient", "AuthCore", "AuthServer", "Bytes", "Cryptography",
                "DispatchBridge", "QRCode", "SQLiteStore", "Storage",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], swiftSettings: settings, linkerSettings: programLinking),
        .executableTarget(
            name: "authd",
            dependencies: [
                "AuthServer", "Bytes", "DispatchBridge",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ], swiftSettings: settings, linkerSettings: programLinking),

        testLibrary(
            "TestSupport", ["AuthCore", "Bytes", "Cryptography", "DispatchBridge", "Storage"]),
        testLibrary("StorageConformance", ["Storage"]),
        testLibrary("TestCertificates", []),
        testLibrary("TableEmulatorControl", ["Bytes", "HTTPClient"]),
        .executableTarget(
            name: "StoreCrashWriter", dependencies: ["SQLiteStore", "Storage"],
            path: "Tests/StoreCrashWriter", swiftSettings: settings),
        tests("AuditLogTests", ["AuditLog", "Bytes"]),
        tests(
            "AuthctlTests",
            ["AuthClient", "SQLiteStore", "Storage", "TestSupport", "authctl", "authd"]),
        tests("AuthMessagesTests", ["AuthMessages", "Bytes", "ProtobufCodec"]),
        tests("BytesTests", ["Bytes", "TestSupport"]),
        tests("ClocksTests", ["Clocks"]),
        tests("DispatchBridgeTests", ["Clocks", "DispatchBridge", "CEpoll", "TestSupport"]),
        tests("TTRPCTests", ["Bytes", "TestSupport", "TTRPC"]),
        tests(
            "TransportTests",
            [
                "Bytes", "TTRPC", "DispatchBridge", "TestCertificates", "TestSupport", "Transport",
                "CEpoll",
            ]),
        tests("StorageTests", ["Storage", "StorageConformance", "TestSupport"]),
        tests(
            "SQLiteStoreTests",
            [
                "AuthCore", "Bytes", "DispatchBridge", "SQLiteStore", "Storage",
                "StorageConformance", "StoreCrashWriter", "TestSupport",
                .product(name: "GRDB", package: "GRDB.swift"),
            ]),
        tests(
            "AzureTableStoreTests",
            [
                "AzureTableStore", "Bytes", "Cryptography", "DispatchBridge", "HTTPClient",
                "Storage", "StorageConformance", "TableEmulatorControl", "TestSupport",
            ]),
        tests("CryptographyTests", ["Bytes", "Cryptography", "TestSupport"]),
        tests(
            "AuthCoreTests",
            [
                "AuthCore", "Bytes", "CCommonPasswords", "Clocks", "Cryptography",
                "DispatchBridge", "Storage", "TestSupport",
            ]),
        tests("HTTPClientTests", ["Bytes", "HTTPClient"]),
        tests("QRCodeTests", ["Bytes", "QRCode", "TestSupport"]),
        tests(
            "AuthServiceTests",
            [
                "AuthCore", "AuthMessages", "AuthService", "Bytes", "ProtobufCodec", "QRCode",
                "Storage", "TestSupport", "TTRPC",
            ]),
        tests(
            "AuthServerTests",
            [
                "AuthCore", "AuthServer", "AuthService", "Bytes", "DispatchBridge", "Storage",
                "TestSupport", "TTRPC", .product(name: "Logging", package: "swift-log"),
            ]),
        tests(
            "IntegrationTests",
            [
                "AuditLog", "authctl", "authd", "AuthMessages", "Bytes", "Cryptography",
                "DispatchBridge", "HTTPClient", "ProtobufCodec", "TableEmulatorControl",
                "TestCertificates", "TestSupport", "TTRPC", "Transport",
            ]),
        tests("TidyTests", []),
    ],
    swiftLanguageModes: [.v6]
)
