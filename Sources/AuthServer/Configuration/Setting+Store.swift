import AzureTableStore

/// The settings of the store.
extension Setting {
    static let stateDirectory = Setting(
        "AUTHD_STATE_DIR", .store, .text("a path"),
        .words("/var/lib/authd as root, else $XDG_STATE_HOME/authd (~/.local/state/authd)"),
        "The directory of the SQLite file and generated secrets; created with mode 0700.")
    static let store = Setting(
        "AUTHD_STORE", .store, .text("sqlite, sqlite:PATH, azure or memory"),
        .words("azure if ENDPOINT is set, else sqlite"),
        "The store. `sqlite` is authd.sqlite in the state directory; `memory` is lost at exit.")
    static let usersTableName = Setting(
        "USERS_TABLE_NAME", .store, .text("3 to 63 letters and digits, a letter first"),
        .text("Users"),
        """
        The table in Azure Table Storage. The old application's rows are in the partition of \
        the same name, so upper and lower case matter.
        """)
    static let oldTable = Setting(
        "AUTHD_OLD_TABLE", .store, .choice(["on", "off"]),
        .words("on with azure, else off"),
        """
        Whether users may still be in rows of the FastAPI application: they can log in and are \
        moved over. Turn it off once all are moved (`authctl admin migrate`): this saves one \
        read of the store per login.
        """)
    static let sasToken = Setting(
        "SAS_TOKEN", aliases: ["AZURE_TABLE_CONN_STRING"], .store, .secret("1 to 4096 bytes"),
        .words("none: a Microsoft Entra identity is used"),
        """
        The shared access signature or connection string for Azure, or \
        `UseDevelopmentStorage=true`. A new one in the `.env` file takes effect on SIGHUP.
        """)
    static let endpoint = Setting(
        "ENDPOINT", aliases: ["AZURE_TABLE_ENDPOINT"], .store,
        .text("an https:// URL without user, query and fragment (http:// on loopback)"),
        .words("that of the connection string"), "The endpoint of Azure Table Storage.")
    static let azureCreateTable = Setting(
        "AUTHD_AZURE_CREATE_TABLE", .store, .choice(["on", "off"]), .text("on"),
        "Whether the table is created if it is missing. A SAS for one table can't do that.")
    static let azureAuthorities = Setting(
        "AUTHD_AZURE_CA_FILE", .store, .text("a path"), .words("those of the system"),
        "A PEM file of certificate authorities to trust instead of the system's.")
    static let azureClientID = Setting(
        "AZURE_CLIENT_ID", .store, .text("a GUID"), .words("the machine's only identity"),
        "Which Microsoft Entra identity is used if there is no SAS_TOKEN.")
    static let azureTenantID = Setting(
        "AZURE_TENANT_ID", .store, .text("a GUID or a domain"), .words("none"),
        "The tenant of a workload identity.")
    static let azureTokenFile = Setting(
        "AZURE_FEDERATED_TOKEN_FILE", .store, .text("a path"), .words("none"),
        """
        The file in which Kubernetes puts the token of a workload identity. If set, \
        AZURE_CLIENT_ID and AZURE_TENANT_ID are required.
        """)
    static let azureAuthority = Setting(
        "AZURE_AUTHORITY_HOST", .store, .text("an https:// URL"),
        .text(AzureIdentity.publicAuthority),
        "Where a workload identity gets its tokens; sovereign clouds have another one.")
    static let identityEndpoint = Setting(
        "IDENTITY_ENDPOINT", .store, .text("a URL without a user"), .words("none"),
        "Where App Service and Container Apps issue identity tokens. They set it.")
    static let identityHeader = Setting(
        "IDENTITY_HEADER", .store, .secret("1 to 1024 bytes"), .words("none"),
        "The secret that IDENTITY_ENDPOINT expects. App Service sets it.")
    static let sweepHours = Setting(
        "AUTHD_SWEEP_HOURS", .store, .integer(0...8760, unit: "hours"), .text("24"),
        """
        How long after one sweep of expired sessions the next begins; of all daemons that \
        share a store, one does it. 0 leaves it to other daemons.
        """)
    static let sweepPause = Setting(
        "AUTHD_SWEEP_PAUSE_MILLISECONDS", .store, .integer(10...60_000, unit: "milliseconds"),
        .text("1000"),
        """
        How long a sweep pauses after each step, which reads up to 1000 rows and removes up to \
        100. It limits what sweeping costs the store.
        """)
}
