import AuthCore
import AuthMessages
import Bytes
import ProtobufCodec
import Storage
import TTRPC

/// One RPC: from a decoded request to a response.
protocol UnaryHandler: Sendable {
    associatedtype Request: ProtobufMessage
    associatedtype Response: ProtobufMessage

    /// The method's name in the proto.
    static var method: String { get }

    /// The name in the audit log: two services may have methods of the same name.
    static var auditName: String { get }

    /// Does what the RPC is for.
    ///
    /// - Throws: the reason of a refusal or fault.
    func handle(_ request: Request, _ call: ServiceCall) async throws(AuthError) -> Response
}

extension UnaryHandler {
    static var auditName: String { method }
}

/// Turns handlers into methods of a router: decodes, audits, maps errors, encodes.
struct HandlerAdapter: Sendable {
    let audit: any AuditSink
    /// Whether this peer's `x-client-address` is trusted.
    let believesClientAddress: @Sendable (PeerIdentity) -> Bool

    /// The method for `handler`; `inPlace` answers without suspending if it can.
    func method<Handler: UnaryHandler>(
        _ handler: Handler, inPlace: RPCMethod.InPlace? = nil
    ) -> RPCMethod {
        RPCMethod(Handler.method, inPlace: inPlace, suspending: suspending(handler))
    }

    /// The part of a method that may suspend.
    func suspending<Handler: UnaryHandler>(_ handler: Handler) -> RPCMethod.Suspending {
        { call, payload throws(RPCError) in try await run(handler, call, payload) }
    }

    private func run<Handler: UnaryHandler>(
        _ handler: Handler, _ call: CallContext, _ payload: SecretBytes
    ) async throws(RPCError) -> SecretBytes {
        let request: Handler.Request
        do throws(RPCError) {
            request = try Handler.Request(request: payload)
        } catch {
            try await record(Handler.auditName, .argumentInvalid, RequestContext(), call)
            throw error
        }
        let serviceCall: ServiceCall
        do {
            serviceCall = try ServiceCall(
                call, believesClientAddress: believesClientAddress(call.peer))
        } catch {
            try await record(Handler.auditName, ErrorReason(error), RequestContext(), call)
            throw RPCError(error)
        }
        do {
            let response = try await StoreDeadline.$current.withValue(serviceCall.context.deadline)
            {
                try await handler.handle(request, serviceCall)
            }
            let answer = try encode(response)
            try await record(Handler.auditName, nil, serviceCall.context, call)
            return answer
        } catch let error as AuthError {
            note(error, Handler.auditName)
            try await record(
                Handler.auditName, ErrorReason(error), serviceCall.context, call)
            throw RPCError(error)
        } catch let error as RPCError {
            throw error
        } catch {
            throw RPCError(.internalFault("\(error)"))
        }
    }

    private func encode(_ response: some ProtobufMessage) throws(AuthError) -> SecretBytes {
        do {
            return try response.encoded()
        } catch {
            throw .internalFault("encoding the response failed: \(error)")
        }
    }

    /// - Throws: the answer instead, if the event must be written but was not. What the call did
    ///   is done.
    private func record(
        _ name: String, _ refusal: ErrorReason?, _ context: RequestContext, _ call: CallContext
    ) async throws(RPCError) {
        let isRecorded = await audit.recordBeforeAnswer(
            AuditEvent(
                service: call.service, method: name, refusal: refusal,
                subject: context.trail.current, peer: call.peer,
                clientAddress: context.clientAddress,
                traceParent: TraceParent.valid(call.metadata.value("traceparent"))))
        guard isRecorded else { throw CallerRefusal.auditLineFailed.error(to: call.peer) }
    }

    private func note(_ error: AuthError, _ method: String) {
        switch error {
        case .storeUnavailable(let cause): audit.fault(method: method, "\(cause)")
        case .internalFault(let cause): audit.fault(method: method, cause)
        default: break
        }
    }
}

/// Far more fields than any request has, even if a client writes some of them twice.
private let requestFieldsMax = 256

extension ProtobufMessage {
    /// Decodes what a caller sent.
    ///
    /// - Throws: INVALID_ARGUMENT for a payload that is not this request, or has too many fields.
    init(request payload: SecretBytes) throws(RPCError) {
        do {
            let isUsual = try payload.withUnsafeBytes { bytes throws(EnvelopeError) in
                try FieldCount.isAtMost(requestFieldsMax, of: bytes)
            }
            guard isUsual else {
                throw RPCError(
                    .argumentInvalid("the request has more than \(requestFieldsMax) fields"))
            }
            self = try Self(decoding: payload)
        } catch let error as RPCError {
            throw error
        } catch let error as ProtobufError {
            throw RPCError(.argumentInvalid("the request can't be decoded: \(error)"))
        } catch {
            throw RPCError(.argumentInvalid("the request can't be decoded: malformed"))
        }
    }
}
