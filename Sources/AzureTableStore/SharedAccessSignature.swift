package import Bytes

/// A shared access signature (SAS): what a storage account lets its bearer do, signed.
///
/// The pairs are kept and sent as they were given: re-encoded, they might not verify.
package struct SharedAccessSignature: Sendable, Equatable {
    /// `sv=...&sig=...`, to go into every URL's query.
    package let query: SecretBytes
    /// Its own fields, decoded, without the signature: `sp`, `se` and others.
    package let parameters: [String: String]
    /// Whether the signature was pasted decoded, and had to be encoded.
    package let wasMended: Bool

    /// Parameters that may be shown. `sig` is not among them, and never will be.
    private static let shown = [
        "sv", "ss", "srt", "sp", "st", "se", "tn", "si", "spr", "sip", "spk", "srk", "epk", "erk",
    ]

    /// - Parameter text: with or without a question mark, quotes and white space around it.
    /// - Throws: `AzureConfigurationError` when it is not one.
    package init(parsing text: String) throws(AzureConfigurationError) {
        var text = SharedAccessSignature.trimmed(text)
        if text.first == "?" { text.removeFirst() }
        var pairs: [String] = []
        var parameters: [String: String] = [:]
        var hasSignature = false
        var wasMended = false
        for pair in text.split(separator: "&") {
            let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard halves.count == 2, !halves[0].isEmpty else {
                throw AzureConfigurationError("is not a SAS: a part of it is not name=value")
            }
            let name = String(halves[0])
            if name == "sig" {
                let signature = SharedAccessSignature.mended(String(halves[1]))
                wasMended = signature != halves[1]
                hasSignature = !signature.isEmpty
                pairs.append("sig=" + signature)
            } else {
                guard parameters[name] == nil, let value = PercentEncoding.decode(String(halves[1]))
                else {
                    throw AzureConfigurationError("is not a SAS: it repeats a field or is cut off")
                }
                parameters[name] = value
                pairs.append(String(pair))
            }
        }
        guard hasSignature, parameters["sv"] != nil else {
            throw AzureConfigurationError("is not a SAS: it has no sv or no sig")
        }
        let query = pairs.joined(separator: "&")
        guard query.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw AzureConfigurationError("is not a SAS: it has a space or a control character")
        }
        self.query = SecretBytes(utf8: query)
        self.parameters = parameters
        self.wasMended = wasMended
    }

    /// Its fields except the signature, for the log.
    package var summary: String {
        SharedAccessSignature.shown.compactMap { name in
            parameters[name].map { "\(name)=\($0)" }
        }.joined(separator: " ")
    }

    /// A raw plus or space marks a signature that was decoded on its way here; base64 has
    /// no spaces, but a form decoder makes them of pluses.
    private static func mended(_ signature: String) -> String {
        signature.split(separator: " ", omittingEmptySubsequences: false).joined(separator: "+")
            .split(separator: "+", omittingEmptySubsequences: false).joined(separator: "%2B")
    }

    private static func trimmed(_ text: String) -> String {
        let isAround: (Character) -> Bool = { $0.isWhitespace || $0 == "\"" || $0 == "'" }
        var text = text[...].drop(while: isAround)
        while let last = text.last, isAround(last) { text = text.dropLast() }
        return String(text)
    }
}
