import DispatchBridge
package import HTTPClient
package import Storage
import Synchronization

/// The store in Azure Table Storage: any number of daemons on one table.
///
/// Every write is conditional and carries its own number, so that a write whose answer was lost
/// is recognized (`WriteHistory`): none is lost after it was acknowledged, none is done twice, none
/// is refused because of itself. What is still unknown when the time is up is `.unknownOutcome`.
///
/// The limits of this all concern writes that the service carries out after they were given up: a
/// late insert may succeed if the entity that was in its way is gone by then, and a delete of any
/// version may hit a later entity with that key. Both need half a minute of delay in the service.
package final class AzureTableStore: EntityStore {
    let client: TableClient
    let requests: TableRequests
    private let http: any HTTPSending
    private let environment: AzureEnvironment
    private let createsTable: Bool
    let writes = WritesUnderWay()

    /// A store that has not contacted the service yet: see `prepare()`.
    ///
    /// - Parameters:
    ///   - account: where, and who we are.
    ///   - table: 3 to 63 letters and digits, a letter first.
    ///   - createsTable: whether a missing table is created.
    ///   - http: closed with the store.
    ///   - environment: time, randomness, files, log.
    package init(
        account: AzureAccount, table: String, createsTable: Bool, http: any HTTPSending,
        environment: AzureEnvironment
    ) {
        self.http = http
        self.environment = environment
        self.createsTable = createsTable
        requests = TableRequests(table: table, base: account.endpoint.base)
        client = TableClient(
            endpoint: account.endpoint, table: table,
            credentials: Credentials(account.credential, http: http, environment),
            http: http, environment: environment)
        AzureTableStore.warn(of: account, environment)
    }

    /// Takes another SAS, key or identity for the same table, from the next request on.
    ///
    /// - Throws: `AzureConfigurationError` when it is for another endpoint.
    package func replaceCredential(_ account: AzureAccount) async throws(AzureConfigurationError) {
        guard account.endpoint == client.endpoint else {
            throw AzureConfigurationError("has changed; restart the daemon")
        }
        AzureTableStore.warn(of: account, environment)
        await client.credentials.replace(account.credential)
    }

    /// Checks the table, and creates it if it is missing and may be created. Reports a clock that
    /// is wrong. A service that is temporarily down is not a reason not to start.
    ///
    /// - Throws: `.unavailable`, with what the operator has to do.
    package func prepare() async throws(StoreError) {
        do {
            try await probe(budget: RetrySchedule.budget)
        } catch {
            guard !client.isRefused, error != missingTable else { throw error }
            environment.notify("starting without the store: \(error.text)")
        }
        if let skew = client.skew, abs(skew.components.seconds) > 60 {
            environment.notify(
                """
                the clock of this machine is \(skew.components.seconds) s ahead of the table \
                service's; beyond 15 minutes it refuses signed requests
                """)
        }
    }

    package func checkHealth() async throws(StoreError) {
        try await probe(budget: AzureTableStore.healthBudget)
    }

    /// Health checks are frequent and need a quick answer.
    private static let healthBudget = Duration.seconds(3)
    /// A row that never exists: our own keys have a prefix.
    private static let probeKey = EntityKey(partition: "authd", row: "probe")

    /// One point read. A missing table is created here too, so that a daemon that started while the
    /// service was down catches up.
    private func probe(budget: Duration) async throws(StoreError) {
        let request = requests.get(AzureTableStore.probeKey)
        let result = try await client.perform(request, isWrite: false, budget: budget) { response in
            Answer(response)
        }
        guard result.answer.verdict == .tableNotFound else { return }
        guard createsTable else { throw missingTable }
        try await createTable(budget: budget)
    }

    private func createTable(budget: Duration) async throws(StoreError) {
        let result = try await client.perform(
            requests.createTable(), isWrite: false, budget: budget
        ) { response in Answer(creating: response) }
        guard result.answer.verdict != .tableNotFound else { throw missingTable }
        if result.answer.verdict == .done {
            environment.notify("created the table \(client.table)")
        }
    }

    /// What is thrown when there is no table, and none may be created.
    package var missingTable: StoreError {
        .unavailable(
            """
            Azure table \(client.table) at \(client.endpoint.host): there is no such table; create \
            it, or let the daemon do so (AUTHD_AZURE_CREATE_TABLE)
            """)
    }

    package func close() async {
        await writes.close()
        await http.close()
    }

    private static func warn(of account: AzureAccount, _ environment: AzureEnvironment) {
        for warning in account.warnings { environment.notify(warning) }
        guard case .signature(let signature) = account.credential else { return }
        if let problem = SignatureDates.problem(signature, at: environment.now()) {
            environment.notify("\(problem); the table service will refuse it")
        } else if let end = SignatureDates.expiry(signature) {
            let days = end.since(environment.now()).components.seconds / 86_400
            if days < 14 {
                environment.notify("the SAS expires at \(CivilTime(end).isoText); renew it soon")
            }
        }
    }
}
