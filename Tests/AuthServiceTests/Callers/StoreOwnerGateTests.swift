import AuthMessages
import AuthService
import Glibc
import TTRPC
import Testing

/// Who may have the store itself.
@Suite struct StoreOwnerGateTests {
    private let audit = AuditList()
    private let refusals: RefusalLog

    init() { refusals = RefusalLog(audit) }

    private func isAdmitted(
        _ peer: PeerIdentity, _ method: String, service: String = ServiceNames.admin
    ) -> Bool {
        let context = CallContext(
            descriptor: MethodDescriptor(service: service, method: method, index: 0),
            connection: ConnectionInfo(id: 1, peer: peer))
        do {
            _ = try StoreOwnerGate(refusals: refusals).admit(context)
            return true
        } catch {
            return error.code != .permissionDenied
        }
    }

    @Test func `Only root and the user of the daemon, on a Unix socket, may export and back up`() {
        let stranger: UInt32 = geteuid() == 4711 ? 4712 : 4711
        for method in ["ExportUsers", "BackUpStore"] {
            #expect(isAdmitted(.unix(uid: 0, gid: 9, pid: 9), method))
            #expect(isAdmitted(.unix(uid: geteuid(), gid: 9, pid: 9), method))
            #expect(!isAdmitted(.unix(uid: stranger, gid: 0, pid: 1), method))
            #expect(!isAdmitted(.tcp(address: "127.0.0.1"), method))
            #expect(!isAdmitted(.tls(address: "127.0.0.1", certificate: nil), method))
            #expect(!isAdmitted(.inProcess, method))
        }
        #expect(audit.events.count == 8)
        #expect(audit.events.allSatisfy { $0.refusal == .adminRequired })
        #expect(audit.events.first?.method == "AdminExportUsers")
    }

    @Test func `The store owner gate admits all other calls`() {
        #expect(isAdmitted(.tcp(address: "127.0.0.1"), "ListUsers"))
        #expect(isAdmitted(.tcp(address: "127.0.0.1"), "Login", service: ServiceNames.auth))
    }
}
