import AuthClient
import Foundation

/// An account as one line of JSON: what `import` reads and `export` writes.
struct UserLine: Codable {
    var email: String
    var passwordHash: String
    var wholePassword: Bool?
    var disabled: Bool?
    var userId: String?
    var createdAt: Moment?
    var lastLoginAt: Moment?
    var totpSecret: String?
    var mfa: MFA?

    /// A second factor as a daemon exported it.
    struct MFA: Codable {
        var sealedSecret: String
        var enabledAt: Moment?
        var lastStep: Int64?
        /// In base64.
        var recoveryCodeHashes: Data?

        enum CodingKeys: String, CodingKey, CaseIterable {
            case sealedSecret = "sealed_secret"
            case enabledAt = "enabled_at"
            case lastStep = "last_step"
            case recoveryCodeHashes = "recovery_code_hashes"
        }
    }

    enum CodingKeys: String, CodingKey, CaseIterable {
        case email
        case passwordHash = "password_hash"
        case wholePassword = "whole_password"
        case disabled
        case userId = "user_id"
        case createdAt = "created_at"
        case lastLoginAt = "last_login_at"
        case totpSecret = "totp_secret"
        case mfa
    }

    /// Reads a line. Unknown names are refused: a misspelled `disabled` must not let
    /// somebody in.
    ///
    /// - Throws: `LineProblem`.
    init(parsing line: Data) throws(LineProblem) {
        do {
            let object = try JSONSerialization.jsonObject(with: line)
            guard let members = object as? [String: Any] else {
                throw LineProblem("the line is not a JSON object")
            }
            try UserLine.check(members, CodingKeys.allCases.map(\.rawValue))
            if let mfa = members["mfa"] as? [String: Any] {
                try UserLine.check(mfa, MFA.CodingKeys.allCases.map(\.rawValue))
            }
            self = try JSONDecoder().decode(UserLine.self, from: line)
        } catch let problem as LineProblem {
            throw problem
        } catch DecodingError.keyNotFound(let key, _) {
            throw LineProblem("\"\(key.stringValue)\" is missing")
        } catch DecodingError.typeMismatch(_, let context) {
            throw LineProblem("\"\(UserLine.path(context))\" has the wrong type")
        } catch DecodingError.valueNotFound(_, let context) {
            throw LineProblem("\"\(UserLine.path(context))\" is null")
        } catch DecodingError.dataCorrupted(let context) where !context.codingPath.isEmpty {
            throw LineProblem("\"\(UserLine.path(context))\" can't be read")
        } catch {
            throw LineProblem("the line is not JSON")
        }
    }

    private static func check(_ members: [String: Any], _ known: [String]) throws(LineProblem) {
        for name in members.keys.sorted() where !known.contains(name) {
            throw LineProblem("\"\(name.prefix(64))\" is not a known name")
        }
    }

    private static func path(_ context: DecodingError.Context) -> String {
        context.codingPath.map(\.stringValue).joined(separator: ".")
    }
}

/// Why a line of an import can't be used, without any of its secrets.
struct LineProblem: Error {
    let message: String

    init(_ message: String) {
        self.message = message
    }
}

extension UserLine {
    /// - Parameter user: as a daemon exported it.
    init(_ user: PortableUser) {
        email = user.email
        passwordHash = user.passwordHash.text
        wholePassword = user.isWholePassword ? true : nil
        disabled = user.isDisabled ? true : nil
        userId = user.userID
        createdAt = user.createdAt.map { Moment($0) }
        lastLoginAt = user.lastLoginAt.map { Moment($0) }
        totpSecret = user.totpSecretBase32?.text
        mfa = user.sealedMFA.map { sealed in
            MFA(
                sealedSecret: sealed.sealedSecret.text,
                enabledAt: sealed.enabledAt.map { Moment($0) },
                lastStep: sealed.lastStep == 0 ? nil : sealed.lastStep,
                recoveryCodeHashes: sealed.recoveryCodeHashes.isEmpty
                    ? nil : Data(sealed.recoveryCodeHashes))
        }
    }

    /// The account that the line describes.
    var user: PortableUser {
        var user = PortableUser(email: email, passwordHash: Secret(utf8: passwordHash))
        user.isWholePassword = wholePassword ?? false
        user.isDisabled = disabled ?? false
        user.userID = userId
        user.createdAt = createdAt?.date
        user.lastLoginAt = lastLoginAt?.date
        user.totpSecretBase32 = totpSecret.map { secret in
            // As people write them down: in groups, separated by spaces or dashes.
            Secret(utf8: secret.filter { $0 != " " && $0 != "-" })
        }
        user.sealedMFA = mfa.map { mfa in
            PortableUser.SealedMFA(
                sealedSecret: Secret(utf8: mfa.sealedSecret), enabledAt: mfa.enabledAt?.date,
                lastStep: mfa.lastStep ?? 0,
                recoveryCodeHashes: mfa.recoveryCodeHashes.map { Array($0) } ?? [])
        }
        return user
    }
}
