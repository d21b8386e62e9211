"""Calls that need no store: beside the limit and the peers, under five loads."""
import statistics

import servers
from authd_client import Client, field

LOADS = [(1, 1), (1, 64), (16, 1), (64, 8), (1000, 1)]
# Where system calls decide, and where the work for each request does.
SYSTEM_BOUND = [(1, 1), (16, 1), (1000, 1)]
EMAIL, PASSWORD = "bench@example.com", "violet-anchor-93-trumpet"


def rpc(run, directory):
    running = {}
    try:
        running["limit"] = servers.Server(
            directory, "limit", [servers.BUILD / "limit", "SOCKET"])
        if "ttrpc" in run.peers:
            servers.build_go("ttrpc_echo")
            running["Go ttRPC"] = servers.Server(
                directory, "ttrpc", [servers.BUILD / "ttrpc_echo", "SOCKET"])
        authd = running["authd"] = servers.Authd(directory, run.binary, AUTHD_BCRYPT_COST=10)
        client = Client(authd.socket)
        client.register(EMAIL, PASSWORD)
        token, _ = client.login(EMAIL, PASSWORD)
        client.close()
        candidates = measured(run, running, token)
        grpc = grpc_peers(run, directory)
        figures = {}
        for load in LOADS:
            for round_number in range(run.rounds):
                # Another first one in each round: no place in the order is the better one.
                turn = candidates[round_number % len(candidates):]
                for name, measure in turn + candidates[:round_number % len(candidates)] + grpc:
                    figures.setdefault((name, load), []).append(measure(*load))
        report(run, figures)
    finally:
        for server in running.values():
            server.stop()
        for server in GRPC_SERVERS:
            server.stop()
        GRPC_SERVERS.clear()


def measured(run, running, token):
    """What is called through the load generator: name and function of a load."""
    payload = field(1, token).hex()

    def through_loadgen(server, *options):
        return lambda connections, in_flight: servers.load(
            server.socket, "-c", connections, "-p", in_flight, "-t", run.seconds, "-w", 0.2,
            "-i", server.pid, *options)

    candidates = [("limit", through_loadgen(running["limit"]))]
    if "Go ttRPC" in running:
        candidates.append(("Go ttRPC", through_loadgen(running["Go ttRPC"])))
    candidates.append(("authd Health", through_loadgen(
        running["authd"], "-S", "grpc.health.v1.Health", "-M", "Check", "-b", 0)))
    candidates.append(("authd VerifyToken", through_loadgen(
        running["authd"], "-S", "authd.v1.AuthService", "-M", "VerifyToken", "-x", payload)))
    return candidates


GRPC_SERVERS = []


def grpc_peers(run, directory):
    """gRPC's servers, called by a gRPC client of their own, which costs more than loadgen."""
    peers = []
    if "grpc" in run.peers or "grpc-swift" in run.peers:
        servers.build_go("grpc_bench")
    if "grpc" in run.peers:
        peers.append(("grpc-go", servers.Server(
            directory, "grpc", [servers.BUILD / "grpc_bench", "-serve", "-s", "SOCKET"])))
    if "grpc-swift" in run.peers:
        servers.build_grpc_swift()
        peers.append(("grpc-swift-2", servers.Server(
            directory, "grpcswift", [servers.BUILD / "grpc_swift_echo", "SOCKET"])))
    GRPC_SERVERS.extend(server for _, server in peers)

    def through_grpc(server):
        def measure(connections, in_flight):
            text = servers.output(
                servers.BUILD / "grpc_bench", "-s", server.socket, "-c", connections, "-p",
                in_flight, "-t", run.seconds, "-w", 0.2, "-i", server.pid)
            return {key: float(value) for key, value in
                    (pair.split("=") for pair in text.split())}
        return measure

    return [(name, through_grpc(server)) for name, server in peers]


def report(run, figures):
    def middle(name, load, key):
        return statistics.median(figure[key] for figure in figures[name, load])

    names = list(dict.fromkeys(name for name, _ in figures))
    heads = ["connections x in flight"] + [f"{c}x{p}" for c, p in LOADS]
    run.table("Requests a second, medians", heads,
              [[name] + [f"{middle(name, load, 'rps') / 1000:.1f}k" for load in LOADS]
               for name in names])
    run.table("Microseconds of the server's CPU for a request, medians", heads,
              [[name] + [f"{middle(name, load, 'cpu_us'):.2f}" for load in LOADS]
               for name in names])
    run.table("p99 in microseconds, medians", heads,
              [[name] + [f"{middle(name, load, 'p99_us'):.0f}" for load in LOADS]
               for name in names])
    run.results["rpc"] = {
        name: {f"{c}x{p}": {key: middle(name, (c, p), key)
                            for key in ("rps", "cpu_us", "p50_us", "p99_us", "failures")}
               for c, p in LOADS} for name in names}
    run.say()
    for load in SYSTEM_BOUND:
        title = "{}x{}".format(*load)
        run.target(f"Health {title}: throughput of the limit's",
                   middle("authd Health", load, "rps") / middle("limit", load, "rps"), 0.85)
        run.target(f"Health {title}: CPU of the limit's",
                   middle("authd Health", load, "cpu_us") / middle("limit", load, "cpu_us"),
                   at_most=1.4)
        run.target(f"VerifyToken {title}: throughput of the limit's",
                   middle("authd VerifyToken", load, "rps") / middle("limit", load, "rps"), 0.7)
    for load in [load for load in LOADS if load not in SYSTEM_BOUND]:
        title = "{}x{}".format(*load)
        for name, times, microseconds in (
                ("authd Health", 5, 1.2), ("authd VerifyToken", 3, 3)):
            if "Go ttRPC" in names:
                run.target(f"{name} {title}: throughput of Go ttRPC's",
                           middle(name, load, "rps") / middle("Go ttRPC", load, "rps"), times)
            run.target(f"{name} {title}: microseconds of CPU", middle(name, load, "cpu_us"),
                       at_most=microseconds)
