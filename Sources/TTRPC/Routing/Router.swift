import Bytes

/// Finds a call's method by the names' bytes, without making strings of them.
package final class Router: Sendable {
    /// A method that was found. A class: finding it costs one reference count, not six.
    package final class Route: Sendable {
        package let descriptor: MethodDescriptor
        package let method: RPCMethod
        fileprivate let service: [UInt8]
        fileprivate let name: [UInt8]

        fileprivate init(service: String, method: RPCMethod, index: Int) {
            descriptor = MethodDescriptor(service: service, method: method.name, index: index)
            self.method = method
            self.service = Array(service.utf8)
            name = Array(method.name.utf8)
        }
    }

    private let routes: [Route]
    /// Open addressing, at most half full, indices into `routes` or -1. The keys are ours, so no
    /// caller can make them collide; unknown names stop at the first gap.
    private let table: [Int]
    /// Compared by bytes: strings from outside are not hashed or compared as text, for that takes
    /// time by the square of a run of combining marks.
    private let services: [[UInt8]]
    private let interceptors: [any ServerInterceptor]
    private let observers: [any CallObserver]
    private let details: @Sendable (RPCRefusal) -> [StatusDetail]

    /// - Parameters:
    ///   - services: no method may occur twice.
    ///   - interceptors: asked in this order.
    ///   - observers: told in this order.
    ///   - details: what a program is told about a refusal; each answer to a refused call carries
    ///     it.
    package init(
        services: [RPCService], interceptors: [any ServerInterceptor] = [],
        observers: [any CallObserver] = [],
        details: @escaping @Sendable (RPCRefusal) -> [StatusDetail] = { _ in [] }
    ) {
        var routes: [Route] = []
        for service in services {
            for method in service.methods {
                routes.append(
                    Route(service: service.name, method: method, index: routes.count))
            }
        }
        var size = 4
        while size < routes.count * 2 { size *= 2 }
        var table = [Int](repeating: -1, count: size)
        for (index, route) in routes.enumerated() {
            var place = route.service.withUnsafeBytes { service in
                route.name.withUnsafeBytes { Router.hash(service, $0) & (size - 1) }
            }
            while table[place] >= 0 {
                let other = routes[table[place]]
                precondition(
                    other.service != route.service || other.name != route.name,
                    "a method is registered twice: \(route.descriptor.method)")
                place = (place + 1) & (size - 1)
            }
            table[place] = index
        }
        self.routes = routes
        self.table = table
        self.services = services.map { Array($0.name.utf8) }
        self.interceptors = interceptors
        self.observers = observers
        self.details = details
    }

    /// How many methods there are: one more than the highest `MethodDescriptor.index`.
    package var methodCount: Int { routes.count }

    /// The method with that name, or nil.
    package func route(
        service: UnsafeRawBufferPointer, method: UnsafeRawBufferPointer
    ) -> Route? {
        var place = Router.hash(service, method) & (table.count - 1)
        while table[place] >= 0 {
            let route = routes[table[place]]
            let isMeant =
                route.name.withUnsafeBytes { haveSameBytes($0, method) }
                && route.service.withUnsafeBytes { haveSameBytes($0, service) }
            if isMeant {
                return route
            }
            place = (place + 1) & (table.count - 1)
        }
        return nil
    }

    /// The answer to a call of an unknown method: UNIMPLEMENTED, or INVALID_ARGUMENT when
    /// the names are not text.
    package func refusal(of request: RequestEnvelope) -> RPCRefusal {
        guard request.isTextValid else { return .invalidEnvelope(.invalidText) }
        let isServed = services.contains { service in
            service.withUnsafeBytes { haveSameBytes($0, request.service) }
        }
        guard isServed else { return .unknownService(Router.printable(request.service)) }
        return .unknownMethod(
            Router.printable(request.method),
            service: String(decoding: request.service, as: UTF8.self))
    }

    /// The answer to a call that the protocol refuses.
    package func error(_ refusal: RPCRefusal) -> RPCError {
        RPCError(refusal.code, refusal.message, details: details(refusal))
    }

    /// Asks the interceptors, unless all of them always admit such calls.
    ///
    /// - Throws: what the first one to refuse throws.
    package func admit(_ context: borrowing CallContext) throws(RPCError) {
        // Read before they are asked: rules that change meanwhile are then newer than these.
        let rules = rules
        let index = context.descriptor.index
        if let rules, context.connection.hasAdmitted(index, under: rules) { return }
        var areAllAlways = true
        for interceptor in interceptors {
            if case .once = try interceptor.admit(context) { areAllAlways = false }
        }
        if let rules, areAllAlways { context.connection.admit(index, under: rules) }
    }

    /// The sum of numbers that only grow: it is equal only if all of them are.
    private var rules: UInt64? {
        var sum: UInt64 = 0
        for interceptor in interceptors {
            guard let rules = interceptor.rules else { return nil }
            sum &+= rules
        }
        return sum
    }

    /// Tells the observers that a call that was not answered at once is over.
    ///
    /// - Parameters:
    ///   - context: the call.
    ///   - outcome: the error with which it was refused; nil when it was answered.
    ///   - duration: since it arrived; nil when it was refused at once.
    package func finished(
        _ context: borrowing CallContext, outcome: RPCError?, duration: Duration?
    ) {
        for observer in observers {
            observer.finished(context, outcome: outcome, duration: duration)
        }
    }

    /// The name as it may appear in messages and logs: ASCII without control characters, short.
    private static func printable(_ name: UnsafeRawBufferPointer) -> String {
        let bytesMax = 100
        let shown = name.prefix(bytesMax).map { byte in
            (0x20...0x7e).contains(byte) ? byte : UInt8(ascii: "?")
        }
        let text = String(decoding: shown, as: UTF8.self)
        return name.count > bytesMax ? "\"\(text)…\"" : "\"\(text)\""
    }

    /// Both lengths and the last 8 bytes of the method: our names differ there, and a collision
    /// costs one more comparison.
    private static func hash(
        _ service: UnsafeRawBufferPointer, _ method: UnsafeRawBufferPointer
    ) -> Int {
        var end: UInt64 = 0
        if method.count >= 8 {
            end = method.loadUnaligned(fromByteOffset: method.count - 8, as: UInt64.self)
        } else {
            for byte in method { end = end << 8 | UInt64(byte) }
        }
        let lengths = UInt64(service.count) << 32 ^ UInt64(method.count)
        let mixed = (end ^ lengths &* 0x9e37_79b9_7f4a_7c15) &* 0xd6e8_feb8_6659_fd93
        return Int(truncatingIfNeeded: mixed >> 32)
    }
}
