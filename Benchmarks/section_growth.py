"""Whether calls cost the same with a million accounts as with a thousand, on both kinds of store, and
whether what goes over all accounts does so in little memory and beside everybody else."""
import os
import statistics

from growth_calls import CACHE_SECONDS, compare
from growth_fill import EmulatorDaemon, SQLiteDaemon
from growth_walks import walks

SIZES = (1000, 1_000_000)
RATIO_MAX = 1.2


# Calls in a round of each RPC, and of those that take long.
KINDS = ((SQLiteDaemon, 60, 4), (EmulatorDaemon, 20, 4))


def growth(run, directory):
    for kind, calls, slow_calls in KINDS:
        settings = {
            "AUTHD_BCRYPT_COST": 4, "AUTHD_SESSION_CACHE_SECONDS": CACHE_SECONDS,
            # The sweep is measured by itself.
            "AUTHD_SWEEP_HOURS": 0,
        }
        daemons = []
        try:
            for size in SIZES:
                daemons.append(kind(run, directory, size, settings))
                run.say(f"{kind.store}: {size:,} accounts in "
                        f"{daemons[-1].filled_seconds:.0f} s")
            # A fill leaves dirty pages, which syncs would wait for.
            os.sync()
            report(run, kind.store, compare(run, daemons, calls, slow_calls))
            walks(run, directory, daemons[-1], settings)
        finally:
            for daemon in daemons:
                daemon.stop()


def report(run, store, figures):
    small, large = SIZES

    def ratio(name, key):
        """The median of what each round says: both sizes of a round met the same machine."""
        return statistics.median(
            getattr(big, key) / max(getattr(little, key), 1e-9)
            for little, big in zip(figures[name][small], figures[name][large]))

    def middle(name, size, key):
        return statistics.median(getattr(figure, key) for figure in figures[name][size])

    # What is shown, and how much more of it a call may cost at a million.
    keys = {"CPU us": ("cpu_us", RATIO_MAX), "p50 us": ("latency_us", RATIO_MAX)}
    if store == "emulator":
        # Its own growth is told apart from the daemon's, which asks as often and for as much.
        keys |= {"emulator's CPU us": ("emulator_us", RATIO_MAX),
                 "requests": ("requests", 1), "bytes": ("bytes", RATIO_MAX)}
    kept = run.results.setdefault("growth", {}).setdefault(store, {})
    rows = []
    for name in figures:
        row = [name]
        for key, _ in keys.values():
            row += [f"{middle(name, size, key):.0f}" for size in SIZES]
            row.append(f"{ratio(name, key):.2f}")
        rows.append(row)
        kept[name] = {key: {size: middle(name, size, key) for size in SIZES}
                      for key, _ in keys.values()}
    heads = [""] + [head for title in keys for head in (title, "at a million", "ratio")]
    run.table(f"A call at {small:,} and at {large:,} accounts, on {store}", heads, rows)
    run.say()
    for name in figures:
        asks_emulator = middle(name, small, "requests") >= 1
        for title, (key, most) in keys.items():
            if asks_emulator or key in ("cpu_us", "latency_us"):
                run.target(f"{name} on {store}: {title.removesuffix(' us')} at a million",
                           ratio(name, key), at_most=most)
