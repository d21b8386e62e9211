import Foundation

/// A certificate authority of one test, made by the `openssl` command in the test's directory.
package struct TestAuthority: Sendable {
    /// A certificate with its key, as paths of PEM files; the key's has mode 0600.
    package struct KeyPair: Sendable {
        package let certificate: String
        package let key: String
    }

    /// What a certificate is for.
    package enum Usage: String, Sendable {
        case server = "serverAuth"
        case client = "clientAuth"
    }

    /// The authority's own certificate.
    package let certificate: String
    private let name: String
    private let directory: String

    /// Makes an authority `name` in `directory`, which exists.
    package init(_ name: String, in directory: String) throws {
        self.name = name
        self.directory = directory
        certificate = "\(directory)/\(name).pem"
        try TestAuthority.openssl(
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-keyout", "\(directory)/\(name).key", "-out", certificate, "-subj", "/CN=\(name)",
                "-days", "2",
            ])
    }

    /// Issues a certificate.
    ///
    /// - Parameters:
    ///   - name: of the files.
    ///   - usage: what it is for.
    ///   - subject: `/CN=name` when nil.
    ///   - alternativeNames: as OpenSSL's configuration writes them, such as `DNS:a,IP:127.0.0.1`.
    ///   - days: until its end; negative when that is over.
    ///   - rsaBits: an RSA key of this size; nil for one on P-256.
    /// - Returns: where it is.
    /// - Throws: `OpenSSLFailure`.
    package func issue(
        _ name: String, for usage: Usage, subject: String? = nil, alternativeNames: String? = nil,
        days: Int = 2, rsaBits: Int? = nil
    ) throws -> KeyPair {
        let stem = "\(directory)/\(name)"
        try request(stem, subject: subject ?? "/CN=\(name)", rsaBits: rsaBits)
        var extensions = "extendedKeyUsage=\(usage.rawValue)\n"
        if let alternativeNames { extensions += "subjectAltName=\(alternativeNames)\n" }
        try extensions.write(toFile: "\(stem).ext", atomically: false, encoding: .utf8)
        try TestAuthority.openssl(
            [
                "x509", "-req", "-in", "\(stem).csr", "-CA", certificate, "-CAkey",
                "\(directory)/\(self.name).key", "-days", "\(days)", "-extfile", "\(stem).ext",
                "-out", "\(stem).pem",
            ])
        return KeyPair(certificate: "\(stem).pem", key: "\(stem).key")
    }

    private func request(_ stem: String, subject: String, rsaBits: Int?) throws {
        let kind =
            rsaBits.map { ["rsa:\($0)"] } ?? ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
        try TestAuthority.openssl(
            ["req", "-newkey"] + kind + [
                "-nodes", "-utf8", "-keyout", "\(stem).key", "-out", "\(stem).csr", "-subj",
                subject,
            ])
    }

    /// Runs `openssl` and waits for it; what it prints is in the error when it fails.
    @discardableResult
    package static func openssl(_ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let output = String(
            decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw OpenSSLFailure(description: "openssl \(arguments): \(output)")
        }
        return output
    }
}

/// The command failed.
package struct OpenSSLFailure: Error, CustomStringConvertible {
    package let description: String
}
