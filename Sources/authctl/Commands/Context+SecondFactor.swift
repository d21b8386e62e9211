import AuthClient

extension Context {
    /// How often a person may type a code before the command gives up.
    private static let triesMax = 3

    /// Runs a call that takes a second factor if MFA is on: first without one, and only when the
    /// daemon answers MFA_REQUIRED is the user asked for a code.
    ///
    /// - Throws: `Failure`.
    func provingSecondFactor<Value>(
        _ input: SecretInput,
        _ body: (SecondFactor?) async throws(AuthClientError) -> Value
    ) async throws(Failure) -> Value {
        do throws(Failure) {
            return try await call { () async throws(AuthClientError) in try await body(nil) }
        } catch {
            guard error.reason == "MFA_REQUIRED" else { throw error }
            return try await asking(
                input, "Authenticator code or recovery code: ", required: error
            ) { code throws(Failure) in
                try await call { () async throws(AuthClientError) in
                    try await body(SecondFactor(typed: code))
                }
            }
        }
    }

    /// Asks for the first code of an authenticator, and turns MFA on with it.
    ///
    /// - Returns: the recovery codes.
    /// - Throws: `Failure`.
    func turnMFAOn(
        _ input: SecretInput, _ password: Secret, _ enrollmentToken: Secret
    ) async throws(Failure) -> [Secret] {
        try await asking(input, "First authenticator code: ") { code throws(Failure) in
            // Scanning takes its time: the access token of before may have expired.
            let session = try await session()
            return try await call { () async throws(AuthClientError) in
                try await client.verifyMFA(
                    password: password, enrollmentToken: enrollmentToken, code: code,
                    accessToken: session.access, options: options)
            }
        }
    }

    /// Asks for a code and runs `body` with it; on a terminal again when the code is refused.
    ///
    /// - Parameters:
    ///   - input: where the code comes from.
    ///   - prompt: the question.
    ///   - required: what to fail with when standard input has no code; else the failure says that.
    ///   - body: gets the code without spaces.
    /// - Returns: what `body` returned.
    /// - Throws: `Failure` without a code, and what `body` throws.
    func asking<Value>(
        _ input: SecretInput, _ prompt: String, required: Failure? = nil,
        _ body: (Secret) async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        var tries = 1
        while true {
            let code: Secret
            do throws(Failure) {
                code = try input.read(prompt, .code).withoutSpaces
            } catch {
                throw input.fromStandardInput ? required ?? error : error
            }
            do throws(Failure) {
                return try await body(code)
            } catch {
                let mayTryAgain = ["MFA_CODE_INVALID", "MFA_SECRET_UNREADABLE"]
                guard mayTryAgain.contains(error.reason), !input.fromStandardInput,
                    tries < Context.triesMax
                else { throw error }
                tries += 1
                input.tell(Format.safe(error.message))
            }
        }
    }
}

extension SecondFactor {
    /// What a user typed where either kind of code is accepted: a few digits are meant as the
    /// authenticator's; a recovery code of only digits has 15.
    init(typed text: Secret) {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        let isTOTP = text.withUnsafeBytes { $0.count < 15 && $0.allSatisfy(digits.contains) }
        self = isTOTP ? .totpCode(text) : .recoveryCode(text)
    }
}
