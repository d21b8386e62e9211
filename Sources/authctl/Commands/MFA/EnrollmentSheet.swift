import AuthClient

/// What `mfa setup` shows for an authenticator: the secret as text, and the QR code beside it if
/// the screen is wide enough for both, else below, next to the prompt.
struct EnrollmentSheet {
    let enrollment: MFAEnrollment
    let email: String
    /// Where the picture was saved, if it was.
    let pngFile: String?

    private static let gap = "   "
    /// Characters of the secret in a group, and groups in a line: 19 columns.
    private static let (groupCount, groupsPerLine) = (4, 4)

    /// The whole sheet.
    ///
    /// - Parameters:
    ///   - code: the QR code as it is drawn.
    ///   - columns: of the screen; nil when unknown.
    /// - Returns: lines, each with a line feed.
    func text(with code: QRDrawing.Drawn, columns: Int?) -> String {
        guard let drawing = code.text else {
            return "\n" + lines(code).joined(separator: "\n") + "\n\n"
        }
        let lines = lines(code)
        let width = lines.map(\.count).max() ?? 0
        let rows = drawing.split(separator: "\n")
        guard let columns, code.width + EnrollmentSheet.gap.count + width <= columns,
            lines.count <= rows.count
        else { return "\n" + lines.joined(separator: "\n") + "\n\n" + drawing }
        let above = (rows.count - lines.count) / 2
        return rows.enumerated().map { number, row in
            let index = number - above
            guard lines.indices.contains(index), !lines[index].isEmpty else { return "\(row)\n" }
            return "\(row)\(EnrollmentSheet.gap)\(lines[index])\n"
        }.joined()
    }

    private func lines(_ code: QRDrawing.Drawn) -> [String] {
        var lines =
            code.text == nil
            ? ["Enter this into your", "authenticator:"]
            : ["Scan the QR code with your", "authenticator, or enter:"]
        lines += ["", "Account", "  \(Format.safe(email))", "Secret"]
        lines += secretLines.map { "  \($0)" }
        lines += ["Kind", "  time-based (TOTP), SHA-1,", "  6 digits, 30 seconds"]
        if let note = code.note { lines += [""] + note }
        if let pngFile {
            lines += ["", "The QR code is also in", "  \(Format.safe(pngFile))"]
            lines += ["Remove it after scanning."]
        }
        return lines
    }

    /// The secret as people type it: `ABCD EFGH …`
    private var secretLines: [String] {
        let characters = Array(enrollment.secretBase32.text)
        let groups = stride(from: 0, to: characters.count, by: EnrollmentSheet.groupCount).map {
            String(characters[$0..<min($0 + EnrollmentSheet.groupCount, characters.count)])
        }
        return stride(from: 0, to: groups.count, by: EnrollmentSheet.groupsPerLine).map {
            groups[$0..<min($0 + EnrollmentSheet.groupsPerLine, groups.count)]
                .joined(separator: " ")
        }
    }
}
