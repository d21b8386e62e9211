package import Bytes
import Storage

extension Authenticator {
    /// How many accounts a page has by default: a screenful of a listing, one packet.
    package static let pageAccounts = 100
    /// The most accounts of a page; also the page size of a store.
    package static let pageAccountsMax = 1000
    /// How often one page may query the store: an account can have 90 rows of sessions, and a page
    /// of accounts must not become a scan of the whole store.
    private static let scansMax = 16

    /// Accounts, some at a time, in a stable order: those that exist throughout are listed
    /// once, whatever is added or removed meanwhile.
    ///
    /// - Parameters:
    ///   - token: nil for the first page, then the one from the previous page.
    ///   - count: how many accounts at most, 1 to `pageAccountsMax`; there may be fewer.
    ///   - context: of the call.
    /// - Returns: the page.
    /// - Throws: `.argumentInvalid` for a token that no daemon with our key made,
    ///   `.storeUnavailable`, `.cancelled`.
    package func accounts(
        after token: SecretBytes?, count: Int, context: RequestContext
    ) async throws(AuthError) -> AccountPage<AccountSummary> {
        try await page(after: token, count: count) { record in
            AccountSummary(record, at: now(), policy: policy, lockout: lockoutPolicy)
        }
    }

    /// A page of accounts whose rows can be read, each turned into a value by `summary`.
    func page<Element: Sendable>(
        after token: SecretBytes?, count: Int, _ summary: (AccountRecord) -> Element
    ) async throws(AuthError) -> AccountPage<Element> {
        guard (1...Authenticator.pageAccountsMax).contains(count) else {
            throw .argumentInvalid("page_size must be 1 to \(Authenticator.pageAccountsMax)")
        }
        let tokens = AccountPageToken(keyRing: keyRing)
        let opened = try token.map { token throws(AuthError) in try tokens.open(token) }
        // Two of them fit a page. A caller who asks for smaller pages on the way gets them.
        let half = max(1, count / 2)
        let limit = min(opened?.rowCount ?? half, half)
        var next = opened?.place
        var found: [Element] = []
        var unreadableCount = 0
        for _ in 0..<Authenticator.scansMax {
            if Task.isCancelled { throw .cancelled }
            let start = next
            // Off the event loop, which a thousand rows would hold up for milliseconds.
            let scan = try await storing { () async throws(StoreError) in
                try await withTaskExecutorPreference(globalConcurrentExecutor) {
                    () async throws(StoreError) in
                    try await repository.scan(after: start, limit: limit)
                }
            }
            found += scan.records.map(summary)
            unreadableCount += scan.unreadableCount
            next = scan.next
            // A half-full page is good enough: the last places cost as much as the first.
            if next == nil || found.count + limit > count { break }
        }
        let successor = try next.map { next throws(AuthError) in
            try tokens.seal(next, rowCount: limit)
        }
        return AccountPage(
            accounts: found, unreadableCount: unreadableCount, next: successor)
    }
}
