import ArgumentParser
import AuthClient
import Foundation

extension MFA {
    /// `authctl mfa setup`
    struct Setup: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Turn MFA on: show the secret to an authenticator, and enter its first code.",
            discussion: """
                The QR code and the secret go to the terminal, even if standard output is a file; \
                the recovery codes go to standard output. Nothing is stored before the first code.

                With --json it only starts: the object on standard output has the secret and the \
                enrollment token, with which 'authctl mfa verify' turns MFA on within 10 minutes.

                With --password-stdin, the first line is the password, the second the first code, \
                and what the authenticator needs goes to standard output.
                """)

        @Option(
            help: "How to draw the QR code; color and auto suit every terminal with colors.")
        var qr = QRDrawing.auto

        @Option(
            help: "Also save the QR code as this new PNG file, which only you can read.",
            completion: .file(extensions: ["png"]))
        var png: String?

        @OptionGroup var password: PasswordOptions
        @OptionGroup var common: CommonOptions

        private struct Output: Encodable {
            let enrollmentToken: String
            let secretBase32: String
            let otpauthUri: String
            let pngFile: String?
        }

        func run() async throws {
            try await common.run { context throws(Failure) in
                let file = png.map { NewSecretFile(path: $0) }
                try file?.expectAbsence()
                let (session, secret) = try await context.sessionAndPassword(password.input)
                let enrollment = try await context.call { () async throws(AuthClientError) in
                    try await context.client.registerMFA(
                        password: secret, accessToken: session.access, options: context.options)
                }
                try file?.create(enrollment.qrCodePNG)
                guard !context.json else {
                    context.show(
                        Output(
                            enrollmentToken: enrollment.token.text,
                            secretBase32: enrollment.secretBase32.text,
                            otpauthUri: enrollment.otpauthURI.text, pngFile: png), "")
                    return
                }
                try show(enrollment, of: session.email)
                let codes = try await context.turnMFAOn(
                    password.input, secret, enrollment.token)
                print(RecoveryCodesOutput(codes).text("MFA is on; all other sessions have ended."))
            }
        }

        private func show(_ enrollment: MFAEnrollment, of email: String) throws(Failure) {
            let screen = try Screen(isStandardOutput: password.passwordStdin)
            let sheet = EnrollmentSheet(enrollment: enrollment, email: email, pngFile: png)
            let code = try qr.draw(enrollment.otpauthURI, on: screen)
            screen.show(sheet.text(with: code, columns: screen.size?.columns))
        }
    }
}
