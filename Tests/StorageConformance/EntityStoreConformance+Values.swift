import Storage

extension EntityStoreConformance {
    static let valueCases = [
        EntityStoreCase("Every value of every type comes back as it was") { store in
            let properties: EntityProperties = [
                "half": .double(0.5), "whole": .double(-3), "tiny": .double(.leastNonzeroMagnitude),
                "huge": .double(.greatestFiniteMagnitude), "beyond": .double(-.infinity),
                "emptyText": .string(""), "text": .string("zwölf \u{1F600} \"'\\\u{7}"),
                "spaces": .string("  both ends  "), "lines": .string("a\r\nb\tc\n"),
                "longest": .string(String(repeating: "x", count: 32_768)),
                "yes": .boolean(true), "no": .boolean(false),
                "zero": .int64(0), "least": .int64(.min), "greatest": .int64(.max),
                "emptyBinary": .binary([]), "binary": .binary(Array(0...255)),
                "largest": .binary(Array(repeating: 0xFF, count: 65_536)),
                "epoch": .timestamp(Timestamp(microseconds: 0)),
                "before": .timestamp(Timestamp(microseconds: -1)),
                "fraction": .timestamp(Timestamp(microseconds: 1_793_000_000_123_456)),
                "first": .timestamp(EntityLimits.timestamps.lowerBound),
                "last": .timestamp(EntityLimits.timestamps.upperBound),
            ]
            try await store.insert(EntityKey("a"), properties)
            let read = try await store.existing(EntityKey("a")).entity.properties
            for (name, value) in properties {
                try expect(read[name] == value, "\(name) is the same")
            }
            try expect(read.count == properties.count, "no property is added")
        },
        EntityStoreCase("Texts are kept to the byte: NFC and NFD stay apart") { store in
            let composed = "caf\u{E9}"
            let decomposed = "cafe\u{301}"
            try await store.insert(
                EntityKey("a"), ["nfc": .string(composed), "nfd": .string(decomposed)])
            let read = try await store.existing(EntityKey("a")).entity.properties
            guard case .string(let nfc) = read["nfc"], case .string(let nfd) = read["nfd"] else {
                throw ConformanceFailure(description: "texts come back as texts")
            }
            try expect(Array(nfc.utf8) == Array(composed.utf8), "NFC")
            try expect(Array(nfd.utf8) == Array(decomposed.utf8), "NFD")
        },
        EntityStoreCase("Names differ by case, and may be as long as the limit") { store in
            let longest = "a" + String(repeating: "9", count: EntityLimits.nameCharactersMax - 1)
            let properties: EntityProperties = [
                "name": .int64(1), "Name": .int64(2), "NAME": .int64(3), longest: .int64(4),
                "na_me": .int64(5), "_1": .int64(6),
            ]
            try await store.insert(EntityKey("a"), properties)
            let read = try await store.existing(EntityKey("a")).entity.properties
            try expect(read == properties, "all are there")
        },
        EntityStoreCase("What can't be stored is refused as corrupt, and stops nothing") { store in
            let key = EntityKey("a")
            var tooMany = EntityProperties()
            for number in 0...EntityLimits.propertiesMax { tooMany["n\(number)"] = .int64(1) }
            for properties: EntityProperties in [
                ["gr\u{F6}\u{DF}e": .int64(1)], ["1": .int64(1)], tooMany,
                ["moment": .timestamp(Timestamp(microseconds: .max))],
                ["long": .binary(Array(repeating: 0, count: 65_537))],
            ] {
                try await expectCorrupt("a property that no store takes") {
                    () async throws(StoreError) in
                    _ = try await store.transact(
                        partition: key.partition, [.insert(key, properties)])
                }
            }
            for row in ["a/b", "a\\b", "a#b", "a?b", "", "a\u{7}"] {
                try await expectCorrupt("a key that no store takes, written") {
                    () async throws(StoreError) in
                    try await store.insert(EntityKey(partition: key.partition, row: row))
                }
                try await expectCorrupt("a key that no store takes, read") {
                    () async throws(StoreError) in
                    _ = try await store.get([EntityKey(partition: key.partition, row: row)])
                }
            }
            try await store.insert(key, ["moment": .int64(1)])
            try expect(try await store.scanAll(limit: 10).count == 1, "nothing else is stored")
        },
        EntityStoreCase("An entity has no or 250 properties, and nearly 1 MiB") { store in
            try await store.insert(EntityKey("none"))
            try expect(
                try await store.existing(EntityKey("none")).entity.properties.isEmpty, "none")
            let value = EntityProperty.binary(Array(repeating: 7, count: 4_096))
            var many = EntityProperties()
            for number in 0..<EntityLimits.propertiesMax { many["n\(number)"] = value }
            try await store.insert(EntityKey("many"), many)
            let read = try await store.existing(EntityKey("many")).entity.properties
            try expect(read == many, "250 properties")
        },
        EntityStoreCase("Keys use their whole alphabet and length, and differ by case") { store in
            let longest = String(repeating: "k", count: EntityLimits.keyCharactersMax)
            let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
            for row in ["a", "A", "_", "-", "0", longest, alphabet] {
                let key = EntityKey(partition: row, row: row)
                try await store.insert(key, ["row": .string(row)])
            }
            for row in ["a", "A", "_", "-", "0", longest, alphabet] {
                let key = EntityKey(partition: row, row: row)
                let entity = try await store.existing(key).entity
                try expect(entity.properties == ["row": .string(row)], "the row \(row)")
                try expect(entity.key == key, "the key \(row)")
            }
        },
        EntityStoreCase("Rows of an old table are named by email addresses") { store in
            let rows = [
                "ada@example.com", "o'brien+x''y@y.z", "a%41&b=c@x.io", "100%@x.io", "~!$^*{|}@x",
                "\u{FC}n\u{EF}code@example.com", "u\u{308}ni\u{308}code@example.com",
                "\u{1F600} (x), 'y';@x.io", "a\"b@x.io", String(repeating: "\u{4E2D}", count: 255),
            ]
            for (number, row) in rows.enumerated() {
                let key = EntityKey(partition: "Users", row: row)
                try await store.insert(key, ["number": .int64(Int64(number))])
            }
            for (number, row) in rows.enumerated() {
                let key = EntityKey(partition: "Users", row: row)
                let (entity, etag) = try await store.existing(key)
                try expect(entity.key == key, "the key \(row)")
                try expect(entity.properties == ["number": .int64(Int64(number))], row)
                let renewed = try await store.replace(key, ["number": .int64(-1)], ifMatch: etag)
                try await store.delete(key, ifMatch: renewed)
            }
            try expect(try await store.scanAll(limit: 3).isEmpty, "all are gone")
        },
    ]
}
