import Bytes
import COpenSSL
import Glibc
import TTRPC

extension PeerCertificate {
    /// What `certificate`, an `X509` owned by the caller, says.
    init(reading certificate: OpaquePointer) {
        TLSErrorQueue.clear()
        defer { TLSErrorQueue.clear() }
        var digest = [UInt8](repeating: 0, count: 32)
        var count: UInt32 = 0
        X509_digest(certificate, EVP_sha256(), &digest, &count)
        var names: [String] = []
        if let name = PeerCertificate.commonName(certificate) { names.append(name) }
        names += PeerCertificate.alternativeNames(certificate)
        var seen: Set<String> = []
        names = names.filter {
            $0.utf8.count <= PeerCertificate.nameBytesMax && seen.insert($0).inserted
        }
        self.init(
            fingerprint: Hex.encode(digest),
            names: Array(names.prefix(PeerCertificate.namesMax)))
    }

    /// With several common names no reader knows which one the authority has checked.
    private static func commonName(_ certificate: OpaquePointer) -> String? {
        guard let subject = X509_get_subject_name(certificate) else { return nil }
        let first = X509_NAME_get_index_by_NID(subject, NID_commonName, -1)
        guard first >= 0, X509_NAME_get_index_by_NID(subject, NID_commonName, first) < 0,
            let data = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, first))
        else { return nil }
        var utf8: UnsafeMutablePointer<UInt8>?
        let count = ASN1_STRING_to_UTF8(&utf8, data)
        guard count > 0, let utf8 else { return nil }
        defer { copenssl_free(utf8) }
        return text(UnsafeBufferPointer(start: utf8, count: Int(count))).map { "cn:" + $0 }
    }

    private static func alternativeNames(_ certificate: OpaquePointer) -> [String] {
        guard
            let pointer = X509_get_ext_d2i(certificate, NID_subject_alt_name, nil, nil)
        else { return [] }
        let list = OpaquePointer(pointer)
        defer { GENERAL_NAMES_free(list) }
        var names: [String] = []
        for index in 0..<max(0, copenssl_general_names_count(list)) {
            guard names.count < PeerCertificate.namesMax,
                let name = copenssl_general_name(list, index),
                let string = copenssl_general_name_string(name)
            else { continue }
            let bytes = UnsafeBufferPointer(
                start: ASN1_STRING_get0_data(string), count: Int(ASN1_STRING_length(string)))
            if let text = text(bytes, ofType: copenssl_general_name_type(name)) {
                names.append(text)
            }
        }
        return names
    }

    private static func text(
        _ bytes: UnsafeBufferPointer<UInt8>, ofType type: Int32
    ) -> String? {
        if type == GEN_IPADD { return address(bytes).map { "ip:" + $0 } }
        // These are IA5String. Some non-ASCII letters have an ASCII lower case.
        guard bytes.allSatisfy({ $0 < 0x80 }), let text = text(bytes) else { return nil }
        switch type {
        case GEN_DNS: return "dns:" + text.lowercased()
        case GEN_URI: return "uri:" + text
        case GEN_EMAIL: return "email:" + text
        default: return nil
        }
    }

    /// The bytes as text that can be shown and compared; nil when they can't.
    private static func text(_ bytes: UnsafeBufferPointer<UInt8>) -> String? {
        guard !bytes.isEmpty, let text = UTF8Validation.text(UnsafeRawBufferPointer(bytes)) else {
            return nil
        }
        let isPlain = text.unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate,
                .privateUse, .unassigned:
                false
            default: true
            }
        }
        return isPlain ? text : nil
    }

    private static func address(_ bytes: UnsafeBufferPointer<UInt8>) -> String? {
        guard let start = bytes.baseAddress, bytes.count == 4 || bytes.count == 16 else {
            return nil
        }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = bytes.count == 4 ? AF_INET : AF_INET6
        guard inet_ntop(family, start, &text, socklen_t(text.count)) != nil else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
