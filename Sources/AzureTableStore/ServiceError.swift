import HTTPClient

/// What the table service says about a failure: `odata.error` in JSON, or XML from its front end.
struct ServiceError: Equatable, Sendable {
    let status: Int
    /// Such as `EntityAlreadyExists`; empty when nothing names one.
    let code: String
    /// The first line of its text, without the number of an operation.
    let message: String
    /// Which operation of a transaction failed, from 0, if the text begins with it.
    let operationIndex: Int?

    private static let messageCharactersMax = 300

    /// Reads a response of any kind: of another host's HTML only the status is kept.
    init(status: Int, codeHeader: String?, body: [UInt8]) {
        self.status = status
        var code = codeHeader ?? ""
        var text = ""
        if let json = try? JSONReader.value(of: body),
            let error = json["odata.error"] ?? json["error"]
        {
            if let named = error["code"]?.text { code = named }
            text = error["message"]?["value"]?.text ?? error["message"]?.text ?? ""
        } else {
            let xml = String(decoding: body.prefix(65_536), as: UTF8.self)
            if let named = ServiceError.element("code", xml) { code = named }
            text = ServiceError.element("message", xml) ?? ""
        }
        self.code = String(code.filter { $0.isASCII && ($0.isLetter || $0.isNumber) }.prefix(100))
        let line = text.prefix { !$0.isNewline }
        let digits = line.prefix { $0.isASCII && $0.isNumber }
        let rest = line.dropFirst(digits.count)
        if !digits.isEmpty, digits.count <= 3, rest.first == ":" {
            operationIndex = Int(digits)
            message = String(rest.dropFirst().prefix(ServiceError.messageCharactersMax))
        } else {
            operationIndex = nil
            message = String(line.prefix(ServiceError.messageCharactersMax))
        }
    }

    init(_ response: HTTPResponse) {
        self.init(
            status: response.status, codeHeader: response.header("x-ms-error-code"),
            body: response.body)
    }

    init(_ part: BatchReply.Part) {
        self.init(
            status: part.status, codeHeader: part.headers["x-ms-error-code"], body: part.body)
    }

    /// The text of the first element of that name, with or without a namespace.
    private static func element(_ name: String, _ xml: String) -> String? {
        for opening in ["<m:\(name)", "<\(name)"] {
            guard let start = xml.firstRange(of: opening),
                let open = xml[start.upperBound...].firstIndex(of: ">"),
                let end = xml[open...].firstIndexAfter(open, of: "<")
            else { continue }
            let text = xml[xml.index(after: open)..<end]
            return [
                ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&"),
            ]
            .reduce(String(text)) { $0.replacing($1.0, with: $1.1) }
        }
        return nil
    }
}

extension Substring {
    /// The first `character` after `index`.
    fileprivate func firstIndexAfter(_ index: Index, of character: Character) -> Index? {
        self[self.index(after: index)...].firstIndex(of: character)
    }
}
