"""Runs authd under callgrind, and writes the order of its functions for the linker."""
import collections
import pathlib
import re
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Benchmarks"))
import servers  # noqa: E402
from authd_client import Client, field  # noqa: E402

# A function in a large section would bring all of it along, and what runs would be less dense.
SECTION_BYTES_MAX = 64 * 1024
EMAIL, PASSWORD = "ada@example.com", "violet-anchor-93-trumpet"


def main(program, link_map, out):
    with tempfile.TemporaryDirectory() as directory:
        idle = executed(program, directory, "idle", calls=False)
        used = executed(program, directory, "used", calls=True)
    sections = sections_by_symbol(link_map)
    idle, used = (
        sorted(name for name in names if fits(sections[name])) for names in (idle, used - idle))
    pathlib.Path(out).write_text("".join(name + "\n" for name in idle + used))
    print(f"{out}: {len(idle)} functions of an idle daemon, {len(used)} of one in use")


def fits(sections):
    return 0 < sum(sections.values()) <= SECTION_BYTES_MAX


def executed(program, directory, name, calls):
    """The names of the program's own functions that ran."""
    profile = pathlib.Path(directory) / f"{name}.callgrind"
    program = str(pathlib.Path(program).resolve())
    callgrind = [
        "valgrind", "--tool=callgrind", "--demangle=no", f"--callgrind-out-file={profile}"]
    server = servers.Authd(directory, program, name, callgrind, AUTHD_BCRYPT_COST=4)
    client = Client(server.socket)
    client.call("Check", service="grpc.health.v1.Health")
    if calls:
        client.register(EMAIL, PASSWORD)
        access, refresh = client.login(EMAIL, PASSWORD)
        client.call("VerifyToken", field(1, access))
        client.call("Refresh", field(1, refresh))
    client.close()
    server.stop()
    return functions(profile.read_text(), program)


def functions(profile, program):
    """Callgrind writes a name once, as "(7) name", and "(7)" from then on."""
    names, objects, within, found = {}, {}, None, set()
    for kind, number, text in re.findall(
            r"^(c?ob|c?fn)=\((\d+)\)(?: (.*))?$", profile, re.MULTILINE):
        known = objects if kind.endswith("ob") else names
        if text:
            known[number] = text
        if kind == "ob":
            within = known[number]
        elif kind == "fn" and within == program:
            # "'2" marks a function that called itself.
            found.add(re.sub(r"'\d+$", "", known[number]))
    return found


def sections_by_symbol(link_map):
    """For each symbol the sections that define one of this name, with their sizes: lld's map
    has columns of numbers, and tells sections and symbols apart by how far they are indented."""
    found, section, size = collections.defaultdict(dict), None, 0
    for line in open(link_map):
        match = re.match(r"\s*([0-9a-f]+)\s+[0-9a-f]+\s+([0-9a-f]+)\s+\d+( +)(.*)\n", line)
        if not match:
            continue
        if len(match[3]) == 9:
            section, size = match[1] + match[4], int(match[2], 16)
        elif len(match[3]) == 17:
            found[match[4]][section] = size
    return found


main(*sys.argv[1:])
