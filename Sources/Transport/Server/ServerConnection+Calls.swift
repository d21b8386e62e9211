import Bytes
import Clocks
import DispatchBridge
import TTRPC

extension ServerConnection {
    /// A request frame with a valid stream id: finds its method, and answers or starts a task.
    ///
    /// - Parameters:
    ///   - streamID: of the call.
    ///   - data: the envelope.
    ///   - heldSince: when it was read, if it had to wait for this turn.
    /// - Returns: whether it was answered at once, without a task.
    func start(
        _ streamID: UInt32, _ data: UnsafeRawBufferPointer, heldSince: BootTime?
    ) -> Bool {
        let router = server.router
        let envelope: RequestEnvelope
        let metadata: CallMetadata
        do throws(EnvelopeError) {
            envelope = try RequestEnvelope(decoding: data)
            metadata = try envelope.metadata(limits: server.limits.envelope)
        } catch {
            refuse(streamID, .invalidEnvelope(error))
            return true
        }
        guard let route = router.route(service: envelope.service, method: envelope.method) else {
            refuse(streamID, router.refusal(of: envelope))
            return true
        }
        let startedAt = server.loop.turnStartedAt
        let receivedAt = heldSince ?? startedAt
        var deadline: BootTime?
        let timeout = envelope.timeoutNanoseconds
        if timeout > 0 { deadline = receivedAt.advanced(byNanoseconds: timeout) }
        let context = CallContext(
            descriptor: route.descriptor, connection: info, metadata: metadata,
            receivedAt: receivedAt, startedAt: startedAt, deadline: deadline)
        var handler = route.method.suspending
        do throws(RPCError) {
            try router.admit(context)
            if timeout != 0, timeout < 0 || deadline.map({ $0 <= startedAt }) == true {
                throw router.error(.deadlineExceeded)
            }
            switch try route.method.inPlace?(context, envelope.payload) {
            case .answered(let answer):
                try send(answer, on: streamID)
                server.countAnswerAtOnce(route.descriptor.index)
                return true
            case .continues(let rest): handler = rest
            case .suspends, nil: break
            }
        } catch {
            server.countRequest()
            send(error, on: streamID)
            router.finished(context, outcome: error, duration: nil)
            return true
        }
        server.countRequest()
        startTask(streamID, context, SecretBytes(copying: envelope.payload), handler)
        return false
    }

    private func startTask(
        _ streamID: UInt32, _ context: CallContext, _ payload: SecretBytes,
        _ handler: @escaping RPCMethod.Suspending
    ) {
        machine.started(streamID)
        let call = RunningCall(context: context)
        if let deadline = context.deadline {
            call.timer = server.loop.schedule(at: deadline) { [weak self] in
                self?.deadlinePassed(streamID)
            }
        }
        calls[streamID] = call
        let task = Task.immediate(executorPreference: server.loop) {
            do throws(RPCError) {
                let answer = try await handler(context, payload)
                self.end(streamID, .success(answer))
            } catch {
                self.end(streamID, .failure(error))
            }
        }
        call.task = task
    }

    /// A task is over, with or without anybody waiting for it.
    private func end(_ streamID: UInt32, _ result: Result<SecretBytes, RPCError>) {
        server.loop.preconditionOnLoop()
        if machine.answer(streamID), let call = calls.removeValue(forKey: streamID) {
            if let timer = call.timer { server.loop.cancel(timer) }
            do throws(RPCError) {
                try send(try result.get(), on: streamID)
                finished(call.context, nil)
            } catch {
                send(error, on: streamID)
                finished(call.context, error)
            }
        }
        callEnded()
    }

    private func deadlinePassed(_ streamID: UInt32) {
        giveUp(streamID, .deadlineExceeded)
    }

    /// The connection is closed, or about to be: answers all calls, if anybody hears it.
    func cancelCalls() {
        for streamID in Array(calls.keys) {
            giveUp(streamID, .connectionClosed)
        }
    }

    /// Answers a call now; its task is cancelled, and whatever it still returns is dropped.
    private func giveUp(_ streamID: UInt32, _ refusal: RPCRefusal) {
        guard machine.answer(streamID), let call = calls.removeValue(forKey: streamID) else {
            return
        }
        if let timer = call.timer { server.loop.cancel(timer) }
        let error = server.router.error(refusal)
        send(error, on: streamID)
        finished(call.context, error)
        call.task?.cancel()
    }

    /// A call whose task was started is over.
    private func finished(_ context: borrowing CallContext, _ outcome: RPCError?) {
        server.router.finished(
            context, outcome: outcome, duration: BootTime.now.since(context.receivedAt))
    }
}
