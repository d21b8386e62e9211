extension StoreSettings.Kind: CustomStringConvertible {
    /// In the form of AUTHD_STORE.
    package var description: String {
        switch self {
        case .sqlite(let path): "sqlite:\(path)"
        case .azure: "azure"
        case .memory: "memory"
        }
    }
}

extension ServerSecrets.Origin: CustomStringConvertible {
    /// For the log.
    package var description: String {
        switch self {
        case .setting(let source): "JWT_SECRET (\(source))"
        case .generated(let path): "created now, stored in \(path)"
        case .file(let path): path
        }
    }
}
