import AzureTableStore
import Logging

extension Server {
    /// Takes the SAS or connection string that the `.env` file now has. If it can't be used,
    /// the old one stays in place.
    package func reloadStoreCredential(
        reading read: () throws(ConfigurationError) -> ServerConfiguration
    ) async {
        guard let store = store as? AzureTableStore else { return }
        do {
            let account = try read().store.azure.account()
            try await store.replaceCredential(account)
            logger.notice(
                "azure credential reloaded",
                metadata: ["credential": "\(account.credential.summary)"])
        } catch {
            logger.error("reloading the azure credential failed", metadata: ["cause": "\(error)"])
        }
    }
}
