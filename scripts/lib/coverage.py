"""Prints line coverage by target from the JSON that `swift test --enable-code-coverage` writes."""
import collections
import json
import sys

totals = collections.defaultdict(lambda: [0, 0])
with open(sys.argv[1], encoding="utf-8") as file:
    for entry in json.load(file)["data"][0]["files"]:
        _, found, rest = entry["filename"].partition("/Sources/")
        if not found or ".build/" in entry["filename"] or rest.endswith((".c", ".h")):
            continue
        lines = entry["summary"]["lines"]
        for name in (rest.split("/")[0], "all"):
            totals[name][0] += lines["covered"]
            totals[name][1] += lines["count"]
for name, (covered, count) in sorted(totals.items(), key=lambda item: (item[0] == "all", item[0])):
    print(f"{name:20} {covered:6} of {count:6} lines  {100 * covered / count:5.1f} %")
