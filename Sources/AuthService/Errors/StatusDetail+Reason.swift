import AuthMessages
import Bytes
import ProtobufCodec
import TTRPC

extension StatusDetail {
    /// The details of a refusal for programs.
    ///
    /// - Parameters:
    ///   - reason: of the domain `authd`.
    ///   - metadata: more about it; no key twice.
    ///   - retryAfter: if waiting helps.
    /// - Returns: a `google.rpc.ErrorInfo`, then a `google.rpc.RetryInfo` if there is a delay.
    static func explaining(
        _ reason: ErrorReason, metadata: [(String, String)] = [], retryAfter: Duration? = nil
    ) -> [StatusDetail] {
        var info = ErrorInfo()
        info.reason = reason.rawValue
        info.domain = ErrorReason.domain
        info.metadata = metadata.map { key, value in
            var entry = ErrorInfo.MetadataEntry()
            entry.key = key
            entry.value = value
            return entry
        }
        var details = [detail(ErrorInfo.typeURL, info)]
        if let retryAfter {
            var retry = RetryInfo()
            retry.retryDelay = DurationMessage(retryAfter)
            details.append(detail(RetryInfo.typeURL, retry))
        }
        return details.compactMap { $0 }
    }

    private static func detail(
        _ typeURL: String, _ message: some ProtobufMessage
    ) -> StatusDetail? {
        guard let encoded = try? message.encoded() else { return nil }
        return StatusDetail(typeURL: typeURL, value: encoded.withUnsafeBytes { Array($0) })
    }
}
