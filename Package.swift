// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

func target(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

let package = Package(
    name: "authd",
    targets: [
        // 0: C
        .systemLibrary(
            name: "CProtobufC", pkgConfig: "libprotobuf-c",
            providers: [.apt(["libprotobuf-c-dev"])]),
        .systemLibrary(
            name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(
            name: "CCrypt", pkgConfig: "libxcrypt", providers: [.apt(["libcrypt-dev"])]),
        .target(
            name: "CAuthdProto", dependencies: ["CProtobufC"], publicHeadersPath: "."),
        .target(name: "CEpoll"),
        // 1
        target("Bytes", []),
        target("DispatchBridge", ["CEpoll"]),
        target("Storage", []),
        // 2
        target("ProtobufCodec", ["Bytes", "CProtobufC"]),
        target("Cryptography", ["Bytes", "COpenSSL", "CCrypt"]),
        // 3
        target("AuthMessages", ["Bytes", "CAuthdProto", "ProtobufCodec"]),

        tests("BytesTests", ["Bytes"]),
        tests("CryptographyTests", ["Bytes", "Cryptography"]),
    ],
    swiftLanguageModes: [.v6]
)
