"""What happens to daemons and service on the way, each when so many of the calls are made."""

import random
import signal
import threading
import time
from collections.abc import Callable

from processes import Daemon, Emulator
from record import Recorder

_KILLS = 9


class Events(threading.Thread):
    """Kills and restarts daemons, ends the SAS, turns the keys, restarts the emulator."""

    def __init__(
        self, seed: int, emulator: Emulator, daemons: list[Daemon], recorder: Recorder, calls: int
    ) -> None:
        super().__init__(name="events", daemon=True)
        self._emulator, self._daemons, self._recorder = emulator, daemons, recorder
        chance = random.Random(f"{seed}/events")
        plan: list[tuple[float, str, Callable[[], None]]] = [
            (0.3, "the SAS ends", self._end_signature),
            (0.5, "the service restarts", self._restart_service),
            (0.7, "the keys turn", self._turn_keys),
        ]
        for number in range(_KILLS):
            daemon = daemons[number % len(daemons)]
            place = (number + chance.random()) / _KILLS
            plan.append((place * 0.95, "a daemon is killed", lambda daemon=daemon: kill(daemon)))
        self._plan = sorted(
            ((int(place * calls), name, act) for place, name, act in plan), key=lambda one: one[0]
        )
        self.is_over = threading.Event()
        self.happened: list[str] = []
        self.planned = len(plan)
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            for count, name, act in self._plan:
                while self._recorder.count < count:
                    if self.is_over.wait(0.01):
                        return
                act()
                self.happened.append(name)
        except BaseException as error:  # The run fails by it, in the main thread.
            self.error = error

    def _new_signature(self, end: str) -> None:
        token = self._emulator.token(se=end)
        for daemon in self._daemons:
            daemon.write_token(token)
            daemon.signal(signal.SIGHUP)

    def _end_signature(self) -> None:
        self._emulator.control("POST", "/sas/expire")
        self._new_signature("2100-01-02T00:00:00Z")

    def _turn_keys(self) -> None:
        self._emulator.control("POST", "/keys", {"which": "primary"})
        self._new_signature("2100-01-03T00:00:00Z")

    def _restart_service(self) -> None:
        self._emulator.control("POST", "/restart", {"keep_state": True, "seconds": 0.3})


def kill(daemon: Daemon) -> None:
    daemon.kill()
    time.sleep(0.1)
    daemon.start()
