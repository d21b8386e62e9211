import AuthCore
import AuthMessages

/// `AdminService.BackUpStore`: copies the store to a new file. `StoreOwnerGate` says who may call
/// it.
struct BackUpStoreHandler: UnaryHandler {
    static let method = "BackUpStore"
    static let auditName = "AdminBackUpStore"

    /// Room for a host name and a date; far less than a file system's limit.
    private static let nameBytesMax = 100

    let operations: any DaemonOperations

    func handle(
        _ request: BackUpStoreRequest, _ call: ServiceCall
    ) async throws(AuthError) -> BackUpStoreResponse {
        guard BackUpStoreHandler.isName(request.name) else {
            throw .argumentInvalid(
                "name is not 1 to \(BackUpStoreHandler.nameBytesMax) letters, digits, \".\", \"_\""
                    + " and \"-\", starting with a letter or digit")
        }
        var response = BackUpStoreResponse()
        response.path = try await operations.backUp(name: request.name)
        return response
    }

    /// Names a file in the directory, and nothing outside it.
    private static func isName(_ name: String) -> Bool {
        guard (1...nameBytesMax).contains(name.utf8.count), let first = name.utf8.first else {
            return false
        }
        return isLetterOrDigit(first)
            && name.utf8.allSatisfy { isLetterOrDigit($0) || "._-".utf8.contains($0) }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
