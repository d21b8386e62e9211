// Not a product of its package, but the parser inside Yams, whose own functions only return whole
// trees.
import CYaml

/// The events of a YAML text, in order: what it consists of, before anything is made of it.
struct YAMLEvents: ~Copyable {
    /// An event, as far as the shape of the text depends on it.
    enum Kind {
        case alias
        case scalar
        case sequenceStart
        case mappingStart
        /// The end of a sequence or mapping.
        case collectionEnd
        /// The beginning or end of a document.
        case document
    }

    /// What begins or ends, and where.
    struct Event {
        let kind: Kind
        /// Whether it has a name that an alias can refer to.
        let isAnchored: Bool
        let line: Int
    }

    /// On the heap because libyaml keeps its address.
    private let parser: UnsafeMutablePointer<yaml_parser_t>

    /// - Parameter text: UTF-8, which must outlive this.
    init(_ text: UnsafeBufferPointer<UInt8>) {
        parser = .allocate(capacity: 1)
        parser.initialize(to: yaml_parser_t())
        yaml_parser_initialize(parser)
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, text.baseAddress, text.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
    }

    /// The next event; nil at the end, and where the text is not YAML.
    mutating func next() -> Event? {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { return nil }
        defer { yaml_event_delete(&event) }
        let kind: Kind
        var anchor: UnsafeMutablePointer<UInt8>?
        switch event.type {
        case YAML_NO_EVENT, YAML_STREAM_END_EVENT: return nil
        case YAML_ALIAS_EVENT: kind = .alias
        case YAML_SCALAR_EVENT: (kind, anchor) = (.scalar, event.data.scalar.anchor)
        case YAML_SEQUENCE_START_EVENT:
            (kind, anchor) = (.sequenceStart, event.data.sequence_start.anchor)
        case YAML_MAPPING_START_EVENT:
            (kind, anchor) = (.mappingStart, event.data.mapping_start.anchor)
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: kind = .collectionEnd
        default: kind = .document
        }
        return Event(
            kind: kind, isAnchored: anchor != nil, line: Int(event.start_mark.line) + 1)
    }
}
