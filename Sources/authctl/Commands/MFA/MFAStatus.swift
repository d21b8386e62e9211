import ArgumentParser
import AuthClient
import Foundation

extension MFA {
    /// `authctl mfa status`
    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show whether MFA is on, and how many recovery codes are left.")

        @OptionGroup var common: CommonOptions

        private struct Output: Encodable {
            let enabled: Bool
            let enabledAt: Date?
            let recoveryCodesLeft: Int
        }

        func run() async throws {
            try await common.run { context throws(Failure) in
                let session = try await context.session()
                let status = try await context.call { () async throws(AuthClientError) in
                    try await context.client.mfaStatus(
                        accessToken: session.access, options: context.options)
                }
                let output = Output(
                    enabled: status.isEnabled, enabledAt: status.enabledAt,
                    recoveryCodesLeft: status.recoveryCodesLeft)
                context.show(output, Status.text(status))
            }
        }

        private static func text(_ status: MFAStatus) -> String {
            guard status.isEnabled else {
                return Format.fields([("MFA", "off")])
            }
            return Format.fields([
                ("MFA", "on"),
                ("since", status.enabledAt.map { Format.time($0) } ?? "unknown"),
                ("recovery codes left", "\(status.recoveryCodesLeft)"),
            ])
        }
    }
}
