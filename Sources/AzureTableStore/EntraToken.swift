import Bytes
import HTTPClient
import Storage

/// An access token of Microsoft Entra.
struct EntraToken: Sendable {
    /// The value of `Authorization`.
    let authorization: SecretBytes
    let expiresAt: Timestamp

    /// Reads the answer of a token endpoint: `expires_in` or `expires_on`, in seconds, as a number
    /// or as a text.
    ///
    /// - Returns: nil when it is none.
    init?(_ response: HTTPResponse, now: Timestamp) {
        guard response.status == 200, let json = try? JSONReader.value(of: response.body),
            let token = json["access_token"]?.text, !token.isEmpty,
            token.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        if let lifetime = EntraToken.seconds(json["expires_in"]) {
            expiresAt = now.advanced(by: .seconds(lifetime))
        } else if let moment = EntraToken.seconds(json["expires_on"]) {
            expiresAt = Timestamp(seconds: moment)
        } else {
            return nil
        }
        authorization = SecretBytes(utf8: "Bearer " + token)
    }

    /// What a token endpoint says about its refusal, on one line, for the operator.
    static func refusal(_ response: HTTPResponse, _ identity: AzureIdentity) -> String {
        let json = (try? JSONReader.value(of: response.body)) ?? .null
        let said = json["error_description"]?.text ?? json["error"]?.text ?? ""
        let line = said.prefix { !$0.isNewline }.prefix(300)
        var advice = ""
        if case .virtualMachine = identity, response.status == 400 {
            advice = "; no identity is assigned to this machine, or AZURE_CLIENT_ID names another"
        }
        return "\(identity.summary): no token, status \(response.status)\(advice)"
            + (line.isEmpty ? "" : " (\(line))")
    }

    /// A whole number, within a century.
    private static func seconds(_ value: JSONValue?) -> Int64? {
        let text: String
        switch value {
        case .string(let string): text = string
        case .number(let number): text = number
        default: return nil
        }
        guard let seconds = Int64(text), (0...4_000_000_000).contains(seconds) else { return nil }
        return seconds
    }
}
