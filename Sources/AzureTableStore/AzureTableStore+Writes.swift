import Bytes
import Cryptography
package import Storage

extension AzureTableStore {
    package func transact(
        partition: String, _ operations: [EntityOperation]
    ) async throws(StoreError) -> [ETag?] {
        if let violation = EntityLimits.violation(partition: partition, operations: operations) {
            throw .corrupt(violation)
        }
        guard writes.begin() else { throw .unavailable("the Azure table store is closed") }
        defer { writes.end() }
        let number = Base64.url.encode(SecureRandom.bytes(16))
        let writes = operations.map { PreparedWrite($0, number: number) }
        let result: TableClient.Result
        if writes.count == 1 {
            result = try await client.perform(requests.write(writes[0]), isWrite: true) {
                response in
                Answer(response, to: writes[0])
            }
        } else {
            let boundary = Hex.encode(SecureRandom.bytes(16))
            result = try await client.perform(
                requests.batch(writes, boundary: boundary), isWrite: true
            ) { response in Answer(response, to: writes) }
        }
        switch result.answer.verdict {
        case .done:
            return zip(writes, result.answer.etags).map { write, tag in
                tag.flatMap(write.etag)
            }
        case .alreadyExists, .notFound, .versionMismatch:
            if let etags = try await effect(of: writes, number, result) { return etags }
            throw try await conflict(result.answer, partition, operations)
        case .tableNotFound, .throttled, .unknown, .unauthorized, .placeUnknown, .refused:
            throw missingTable
        }
    }

    /// What a transaction wrote that was refused but may have been carried out before: the versions
    /// it made, or nil when it certainly did nothing.
    ///
    /// This is checked whenever something was to be written, because a proxy on the way may have
    /// sent the request twice without leaving a sign: a refusal costs one more read.
    ///
    /// The refusal also settles the matter: its conditions do not hold, so no copy
    /// of it that is still on its way will be carried out.
    private func effect(
        of writes: [PreparedWrite], _ number: String, _ result: TableClient.Result
    ) async throws(StoreError) -> [ETag?]? {
        let written = writes.filter { $0.history != nil }
        // Deletes alone leave nothing to check except that the entities are gone, which means
        // something only when there is a sign of an earlier sending.
        if written.isEmpty, !result.isAmbiguous { return nil }
        if written.isEmpty, writes.count == 1 {
            return result.answer.verdict == .notFound ? [nil] : nil
        }
        let looked = written.isEmpty ? writes : written
        let found: [EntityKey: Entity]
        do {
            found = try await entities(writes[0].key.partition, Set(looked.map(\.key)))
        } catch {
            throw .unknownOutcome(
                "a write may have taken effect: \(error.text)")
        }
        if written.isEmpty { return found.isEmpty ? writes.map { _ in nil } : nil }
        let tags = found.compactMapValues { $0.etag.map(VersionTag.init) }
        guard tags.values.contains(where: { $0.history.contains(number) }) else { return nil }
        return writes.map { write in
            guard write.history != nil else { return nil }
            guard let tag = tags[write.key], tag.history.current == number else {
                // Others have written since. Their version is not ours to hand out.
                return VersionTag.never.etag
            }
            return tag.etag
        }
    }

    /// The refusal as the contract requires: with the index of the operation to blame.
    private func conflict(
        _ answer: Answer, _ partition: String, _ operations: [EntityOperation]
    ) async throws(StoreError) -> StoreError {
        let index: Int
        if let told = answer.error?.operationIndex, operations.indices.contains(told) {
            index = told
        } else {
            index = try await blamed(answer.verdict, partition, operations)
        }
        return switch answer.verdict {
        case .alreadyExists: .alreadyExists(index: index)
        case .notFound: .notFound(index: index)
        default: .versionMismatch(index: index)
        }
    }

    /// The operation to blame when the service does not say: the only possible one, or the first
    /// whose condition does not hold now.
    private func blamed(
        _ verdict: Verdict, _ partition: String, _ operations: [EntityOperation]
    ) async throws(StoreError) -> Int {
        let suspects = operations.indices.filter { index in
            switch (operations[index], verdict) {
            case (.insert, .alreadyExists), (.replace, .notFound), (.delete, .notFound),
                (.replace, .versionMismatch), (.delete(_, .some), .versionMismatch):
                true
            default: false
            }
        }
        guard suspects.count > 1 else { return suspects.first ?? 0 }
        let found = try await entities(partition, Set(suspects.map { operations[$0].key }))
        let guilty = suspects.first { index in
            let etag = found[operations[index].key]?.etag
            return switch operations[index] {
            case .insert: etag != nil
            case .replace(_, _, let wanted): etag != wanted
            case .delete(_, let wanted): etag == nil || (wanted != nil && etag != wanted)
            }
        }
        return guilty ?? suspects[0]
    }
}
