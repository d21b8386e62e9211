import Bytes
import HTTPClient
import Storage

/// Builds the requests for one table.
struct TableRequests: Sendable {
    /// The table's name: letters and digits, so that it needs no encoding.
    let table: String
    /// What absolute URIs begin with, in the parts of a batch.
    let base: String

    /// Comparisons that a filter may have (Query Entities, "Constructing Filter Strings").
    static let comparisonsMax = 15

    // MARK: - Reads

    /// One entity. Its ETag comes in a header too.
    func get(_ key: EntityKey) -> TableRequest {
        var request = TableRequest(.get, "/" + address(key))
        request.add("Accept", TableRequest.readAccept)
        return request
    }

    /// Some rows of a partition, in one request and as of one moment.
    ///
    /// Up to 14 rows are named. For more, a range from the first to the last is used, which may
    /// return others besides.
    func get(partition: String, rows: [String]) -> TableRequest {
        let filter: String
        if rows.count < TableRequests.comparisonsMax {
            let alternatives = rows.map { "RowKey eq \(literal($0))" }.joined(separator: " or ")
            filter = "PartitionKey eq \(literal(partition)) and (\(alternatives))"
        } else {
            let sorted = rows.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            filter =
                "PartitionKey eq \(literal(partition)) and RowKey ge \(literal(sorted[0]))"
                + " and RowKey le \(literal(sorted[sorted.count - 1]))"
        }
        return query(filter: filter, top: nil, after: nil)
    }

    /// The rows of a partition that begin with `rowPrefix`.
    func query(
        partition: String, rowPrefix: String, limit: Int, after token: ContinuationToken?
    ) -> TableRequest {
        let filter = EntityFilter(partition: partition, rowPrefix: rowPrefix)
        return scan(filter, limit: limit, after: token)
    }

    /// A page of the entities that `filter` lets through.
    func scan(_ filter: EntityFilter, limit: Int, after token: ContinuationToken?) -> TableRequest {
        var conditions: [String] = []
        if let partition = filter.partition {
            conditions.append("PartitionKey eq \(literal(partition))")
        }
        if !filter.rowPrefix.isEmpty {
            conditions.append("RowKey ge \(literal(filter.rowPrefix))")
            if let end = TableRequests.end(ofPrefix: filter.rowPrefix) {
                conditions.append("RowKey lt \(literal(end))")
            }
        }
        if let earlier = filter.earlier {
            let moment = CivilTime(earlier.moment).isoText
            conditions.append("\(earlier.property) lt datetime'\(moment)'")
        }
        let text = conditions.joined(separator: " and ")
        return query(filter: text.isEmpty ? nil : text, top: limit, after: token)
    }

    private func query(
        filter: String?, top: Int?, after token: ContinuationToken?
    ) -> TableRequest {
        var request = TableRequest(.get, "/\(table)()")
        if let filter { request.query.append("$filter=" + PercentEncoding.encode(filter)) }
        if let top { request.query.append("$top=\(top)") }
        if let token { request.query += token.query }
        request.add("Accept", TableRequest.readAccept)
        return request
    }

    // MARK: - Writes

    /// Creates the table.
    func createTable() -> TableRequest {
        var request = TableRequest(.post, "/Tables")
        var json = JSONWriter()
        json.member("TableName", table)
        request.body = SecretBytes(json.finish())
        request.contentType = TableRequest.json
        request.add("Accept", TableRequest.writeAccept)
        request.add("Prefer", "return-no-content")
        return request
    }

    /// One write by itself.
    func write(_ write: PreparedWrite) -> TableRequest {
        var request = TableRequest(write.method, "/" + target(write))
        request.add("Accept", TableRequest.writeAccept)
        for header in write.headers { request.headers.append(header) }
        if let body = write.body {
            request.body = SecretBytes(body)
            request.contentType = TableRequest.json
        }
        return request
    }

    /// Several writes as one entity group transaction.
    ///
    /// - Parameters:
    ///   - writes: in one partition, each to a different entity.
    ///   - boundary: random text that occurs in no entity.
    /// - Returns: the request.
    func batch(_ writes: [PreparedWrite], boundary: String) -> TableRequest {
        var request = TableRequest(.post, "/$batch")
        request.contentType = "multipart/mixed; boundary=batch_\(boundary)"
        request.add("Accept", TableRequest.readAccept)
        var text: [UInt8] = []
        let line = { (line: String) in
            text.append(contentsOf: line.utf8)
            text.append(contentsOf: "\r\n".utf8)
        }
        line("--batch_\(boundary)")
        line("Content-Type: multipart/mixed; boundary=changeset_\(boundary)")
        line("")
        for write in writes {
            line("--changeset_\(boundary)")
            line("Content-Type: application/http")
            line("Content-Transfer-Encoding: binary")
            line("")
            line("\(write.method.rawValue) \(base)/\(target(write)) HTTP/1.1")
            line("Accept: \(TableRequest.writeAccept)")
            line("DataServiceVersion: \(TableRequest.serviceVersion)")
            for header in write.headers { line("\(header.name): \(header.value)") }
            if write.body != nil { line("Content-Type: \(TableRequest.json)") }
            line("Content-Length: \(write.body?.count ?? 0)")
            line("")
            text.append(contentsOf: write.body ?? [])
            line("")
        }
        line("--changeset_\(boundary)--")
        line("")
        line("--batch_\(boundary)--")
        request.body = SecretBytes(text)
        return request
    }

    // MARK: - Parts of URLs

    private func target(_ write: PreparedWrite) -> String {
        write.method == .post ? table : address(write.key)
    }

    private func address(_ key: EntityKey) -> String {
        "\(table)(PartitionKey='\(TableRequests.quoted(key.partition))',"
            + "RowKey='\(TableRequests.quoted(key.row))')"
    }

    /// A key inside the quotes of an address: quotes doubled, then everything encoded.
    private static func quoted(_ key: String) -> String {
        PercentEncoding.encode(doubled(key))
    }

    /// A text of a filter, not yet percent-encoded.
    private func literal(_ text: String) -> String {
        "'\(TableRequests.doubled(text))'"
    }

    private static func doubled(_ text: String) -> String {
        text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''")
    }

    /// The first key after all that begin with `prefix`, or nil when there is none.
    private static func end(ofPrefix prefix: String) -> String? {
        var scalars = Array(prefix.unicodeScalars)
        guard let last = scalars.popLast(), let next = Unicode.Scalar(last.value + 1) else {
            return nil
        }
        scalars.append(next)
        return String(String.UnicodeScalarView(scalars))
    }
}
