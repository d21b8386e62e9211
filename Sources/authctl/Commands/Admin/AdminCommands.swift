import ArgumentParser

/// `authctl admin`
struct Admin: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Administer accounts and the daemon.",
        discussion: "For administrators: by default root and the daemon's own user.",
        subcommands: [
            AdminUsers.self, AdminPasswordReset.self, AdminMFAReset.self,
            AdminRevokeSessions.self, AdminImport.self, AdminExport.self, AdminStats.self,
            AdminMetrics.self,
            AdminBackup.self, AdminRestore.self, AdminAudit.self, AdminMigrate.self, AdminCopy.self,
        ])
}

/// `authctl admin users`
struct AdminUsers: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "users", abstract: "List, show, disable, enable, unlock or delete accounts.",
        subcommands: [
            AdminUserList.self, AdminUserShow.self, AdminUserDisable.self, AdminUserEnable.self,
            AdminUserUnlock.self,
            AdminUserDelete.self,
        ], defaultSubcommand: AdminUserList.self)
}
