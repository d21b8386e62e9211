import Bytes
import HTTPClient
import Storage

/// Where a query continues: opaque texts of the service, sent back as they came.
struct ContinuationToken: Sendable, Equatable {
    /// Percent-encoded.
    private let partition: String
    /// Percent-encoded; nil if the service sent none.
    private let row: String?

    private static let partitionHeader = "x-ms-continuation-NextPartitionKey"
    private static let rowHeader = "x-ms-continuation-NextRowKey"

    /// From the headers of a page; nil on the last.
    init?(_ response: HTTPResponse) {
        guard let partition = response.header(ContinuationToken.partitionHeader) else {
            return nil
        }
        self.partition = PercentEncoding.encode(partition)
        row = response.header(ContinuationToken.rowHeader).map(PercentEncoding.encode)
    }

    /// Reads what `continuation` made. It may have been in a client's hands: nil for anything that
    /// could be more than the value of a query's parameter.
    init?(_ continuation: EntityContinuation) {
        let parts = continuation.text.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), continuation.text.utf8.count <= 8_192,
            parts.allSatisfy({ part in
                PercentEncoding.decode(String(part)) != nil
                    && part.utf8.allSatisfy {
                        PercentEncoding.isUnreserved($0) || $0 == UInt8(ascii: "%")
                    }
            })
        else { return nil }
        partition = String(parts[0])
        row = parts.count == 2 ? String(parts[1]) : nil
    }

    /// For callers.
    var continuation: EntityContinuation {
        EntityContinuation(row.map { "\(partition)/\($0)" } ?? partition)
    }

    /// The parameters of the next page's query.
    var query: [String] {
        ["NextPartitionKey=\(partition)"] + (row.map { ["NextRowKey=\($0)"] } ?? [])
    }
}
