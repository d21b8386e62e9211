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
        target("Bytes", []),
        .systemLibrary(
            name: "CProtobufC", pkgConfig: "libprotobuf-c",
            providers: [.apt(["libprotobuf-c-dev"])]),
        .target(
            name: "CAuthdProto", dependencies: ["CProtobufC"], publicHeadersPath: "."),
        target("Storage", []),
        target("ProtobufCodec", ["Bytes", "CProtobufC"]),
        target("AuthMessages", ["Bytes", "CAuthdProto", "ProtobufCodec"]),
        tests("BytesTests", ["Bytes"]),
    ],
    swiftLanguageModes: [.v6]
)
