import Testing

@testable import TTRPC

struct StateMachineTests {
    private func header(
        _ id: UInt32, _ type: MessageType = .request, length: UInt32 = 0
    ) -> FrameHeader {
        FrameHeader(length: length, streamID: id, type: type)
    }

    private func code(_ action: ServerStateMachine.Action) -> RPCCode? {
        guard case .refuse(let error) = action else { return nil }
        return error.code
    }

    private func answer(_ machine: inout ServerStateMachine, _ id: UInt32) -> Bool {
        machine.answer(id)
    }

    @Test
    func `Stream ids must be odd and increasing`() {
        var machine = ServerStateMachine(limits: ServerLimits())
        #expect(machine.receive(header(1)) == .call)
        #expect(code(machine.receive(header(2))) == .invalidArgument)
        #expect(code(machine.receive(header(0))) == .invalidArgument)
        #expect(code(machine.receive(header(1))) == .invalidArgument)
        #expect(machine.receive(header(9)) == .call)
        #expect(code(machine.receive(header(7))) == .invalidArgument)
        #expect(code(machine.receive(header(9))) == .invalidArgument)
        #expect(machine.receive(header(11)) == .call)
        #expect(machine.receive(header(.max)) == .call)
        #expect(code(machine.receive(header(.max))) == .invalidArgument)
    }

    @Test
    func `A frame that is not a request is ignored, whatever its stream id`() {
        var machine = ServerStateMachine(limits: ServerLimits())
        for type: UInt8 in [0, 2, 3, 4, 255] {
            #expect(machine.receive(header(99, MessageType(rawValue: type))) == .ignore)
            #expect(
                machine.receiveTooLarge(
                    header(99, MessageType(rawValue: type)), requestBytesMax: 1) == .ignore)
        }
        #expect(machine.receive(header(1)) == .call)
    }

    @Test
    func `An oversized request consumes its stream id`() {
        var machine = ServerStateMachine(limits: ServerLimits())
        let action = machine.receiveTooLarge(header(3, length: 70000), requestBytesMax: 65536)
        #expect(code(action) == .resourceExhausted)
        #expect(code(machine.receive(header(3))) == .invalidArgument)
        #expect(
            code(machine.receiveTooLarge(header(4), requestBytesMax: 1)) == .invalidArgument)
    }

    @Test
    func `Each call is answered once and counts as in flight until its task ends`() {
        var limits = ServerLimits()
        limits.inFlightMax = 2
        var machine = ServerStateMachine(limits: limits)
        machine.started(1)
        #expect(machine.mayRead)
        machine.started(3)
        #expect(!machine.mayRead)
        #expect(answer(&machine, 1) == true)
        #expect(answer(&machine, 1) == false)
        #expect(answer(&machine, 5) == false)
        #expect(!machine.mayRead, "an answered call whose task still runs counts")
        machine.ended()
        #expect(machine.mayRead)
        #expect(!machine.isIdle)
        #expect(answer(&machine, 3) == true)
        machine.ended()
        #expect(machine.isIdle)
    }

    @Test
    func `Reading stops while unsent output is above its limit`() {
        var machine = ServerStateMachine(limits: ServerLimits())
        machine.unsent(1024 * 1024)
        #expect(machine.mayRead)
        machine.unsent(1024 * 1024 + 1)
        #expect(!machine.mayRead)
        #expect(!machine.isIdle)
        machine.unsent(0)
        #expect(machine.mayRead)
    }

    @Test
    func `A draining server refuses new calls as unavailable`() {
        var machine = ServerStateMachine(limits: ServerLimits())
        machine.drain()
        #expect(code(machine.receive(header(1))) == .unavailable)
        #expect(code(machine.receive(header(2))) == .invalidArgument)
    }

    @Test
    func `Client stream ids are odd and run out at the last id`() {
        var machine = ClientStateMachine<String>(lastID: 5)
        #expect(machine.start("a") == 1)
        #expect(machine.start("b") == 3)
        #expect(!machine.isExhausted)
        #expect(machine.start("c") == 5)
        #expect(machine.isExhausted)
        #expect(machine.start("d") == nil)
        #expect(machine.pendingCount == 3)
        var last = ClientStateMachine<String>(lastID: .max)
        #expect(last.start("x") == 1)
    }

    @Test
    func `Responses are delivered in any order, once each`() {
        var machine = ClientStateMachine<String>()
        for name in ["a", "b", "c"] { _ = machine.start(name) }
        func receive(_ id: UInt32, _ type: MessageType = .response) -> String {
            switch machine.receive(header(id, type)) {
            case .deliver(let waiter): waiter
            case .ignore: "ignore"
            case .violation: "violation"
            }
        }
        #expect(receive(5) == "c")
        #expect(receive(1) == "a")
        #expect(receive(1) == "ignore")
        #expect(machine.forget(3) == "b")
        #expect(receive(3) == "ignore")
        #expect(receive(3, MessageType(rawValue: 3)) == "ignore")
        #expect(receive(7) == "violation")
        #expect(receive(2) == "violation")
        #expect(receive(0) == "violation")
    }

    @Test
    func `Closing a client returns all pending calls`() {
        var machine = ClientStateMachine<Int>()
        for number in 0..<5 { _ = machine.start(number) }
        #expect(machine.close().sorted() == [0, 1, 2, 3, 4])
        #expect(machine.start(9) == nil)
    }
}
