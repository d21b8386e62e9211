"""What users do: lives from registration to deletion, by three daemons and under faults.

Each worker plays one user after the other, so what a user may do next is known as far as the
answers tell. What they do is drawn from the seed; how the threads meet is not.
"""

import base64
import hashlib
import hmac
import random
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from faultplan import LATE_SECONDS
from record import Call, Caller, Outcome, Recorder
from ttrpc import fields

# An account lives longer than any sending of its insert can be late: what LATE_SECONDS says, and
# what a busy machine adds.
_LIFE_SECONDS_MIN = LATE_SECONDS + 2
# Below the five failures that are free.
_FAILURES_MAX = 3
_STEPS_PER_LIFE = 24


def totp(secret_base32: str, step: int) -> str:
    """RFC 6238 with SHA-1 and six digits."""
    key = base64.b32decode(secret_base32 + "=" * (-len(secret_base32) % 8))
    digest = hmac.new(key, struct.pack(">Q", step), hashlib.sha1).digest()
    at = digest[-1] & 15
    number = struct.unpack(">I", digest[at : at + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


@dataclass
class Session:
    access: str
    refresh: str


@dataclass
class User:
    """What the worker believes of a user."""

    email: str
    registered_at: float = 0.0
    # The newest first: after a call of unknown outcome more than one may be right.
    passwords: list[str] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    failures: int = 0
    secret: str = ""
    last_step: int = 0

    @property
    def password(self) -> str:
        return self.passwords[0]


def session_of(call: Call) -> Session:
    """What a login or a refresh gave."""
    tokens = fields(call.answer[1])
    return Session(tokens[1].decode(), tokens[3].decode())


class Worker(threading.Thread):
    """Plays users until the run has made its calls."""

    def __init__(
        self, number: int, seed: int, paths: list[str], recorder: Recorder, calls: int, end: float
    ) -> None:
        super().__init__(name=f"worker {number}", daemon=True)
        self._number, self._paths, self._recorder = number, paths, recorder
        self._calls, self._end = calls, end
        self._random = random.Random(f"{seed}/{number}")
        self._caller = Caller(paths, recorder)
        self._secrets = 0
        self.error: BaseException | None = None

    @property
    def _is_over(self) -> bool:
        return self._recorder.count >= self._calls or time.monotonic() > self._end

    def run(self) -> None:
        try:
            life = 0
            while not self._is_over:
                life += 1
                user = User(f"user-{self._number}-{life}@example.org")
                if self._register(user):
                    self._live(user)
        except BaseException as error:  # The run fails by it, in the main thread.
            self.error = error
        finally:
            self._caller.close()

    def _new_password(self) -> str:
        """Each is used once in a run, so that the hash in a commit names the call."""
        self._secrets += 1
        return f"quartz-{self._number}-{self._secrets}-saddle-{self._random.randrange(16**6):06x}"

    def _call(self, method: str, user: User, bearer: str = "", **sent: str) -> Call:
        return self._caller.call(self._random.randrange(3), method, user.email, bearer, **sent)

    def _at_once(self, *calls: Callable[[Caller], Call]) -> list[Call]:
        """Calls by clients of their own at the same time."""
        results: list[Call | None] = [None] * len(calls)

        def one(index: int) -> None:
            caller = Caller(self._paths, self._recorder)
            try:
                results[index] = calls[index](caller)
            finally:
                caller.close()

        threads = [threading.Thread(target=one, args=(index,)) for index in range(len(calls))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return [one for one in results if one is not None]

    # Registration

    def _register(self, user: User) -> bool:
        """Until there is an account whose password is known."""
        for _ in range(4):
            if self._random.random() < 0.25:
                self._register_twice(user)
            else:
                password = self._new_password()
                call = self._call("Register", user, password=password)
                if call.outcome is not Outcome.REFUSED:
                    user.passwords.insert(0, password)
            user.registered_at = time.monotonic()
            if self._log_in(user):
                return True
            if self._is_over:
                return False
        return False

    def _register_twice(self, user: User) -> None:
        """Two at once, by two daemons: one of them gets the address."""
        passwords = [self._new_password(), self._new_password()]

        def register(daemon: int) -> Callable[[Caller], Call]:
            return lambda caller: caller.call(
                daemon, "Register", user.email, password=passwords[daemon]
            )

        for call in self._at_once(register(0), register(1)):
            if call.outcome is not Outcome.REFUSED:
                user.passwords.insert(0, call.sent["password"])

    # Life

    def _live(self, user: User) -> None:
        if self._random.random() < 0.3:
            self._turn_mfa_on(user)
        for _ in range(_STEPS_PER_LIFE):
            if self._is_over:
                return
            if not user.sessions and not self._log_in(user):
                return
            step = self._random.choices(
                [
                    self._log_in, self._fail, self._refresh, self._verify, self._log_out,
                    self._change_password, self._refresh_at_once, self._log_in_and_change,
                    self._change_twice, self._log_out_and_refresh,
                ],
                [14, 6, 26, 22, 8, 8, 6, 4, 3, 3],
            )[0]  # fmt: skip
            step(user)
        if self._random.random() < 0.7 and not user.secret:
            self._delete_user(user)

    def _log_in(self, user: User) -> bool:
        """With what may be the password; false when nothing is."""
        for password in list(user.passwords):
            code = {}
            if user.secret:
                step = self._step(user)
                if step == 0:
                    return False
                code = {"totp_code": totp(user.secret, step)}
            for _ in range(4):
                call = self._call("Login", user, password=password, **code)
                if call.outcome is not Outcome.UNKNOWN or code:
                    break
            if call.is_ok:
                user.passwords, user.failures = [password], 0
                user.sessions.append(session_of(call))
                return True
            if call.outcome is Outcome.UNKNOWN:
                return False
            if call.reason != "INVALID_CREDENTIALS":
                return False
            user.failures += 1
        return False

    def _step(self, user: User) -> int:
        """A step of time whose code is good now and not used up; 0 when there is none."""
        now = int(time.time()) // 30
        step = max(user.last_step + 1, now)
        if step > now + 1:
            return 0
        user.last_step = step
        return step

    def _fail(self, user: User) -> None:
        if user.failures < _FAILURES_MAX:
            user.failures += 1
            self._call("Login", user, password=self._new_password())

    def _pick(self, user: User) -> Session | None:
        return self._random.choice(user.sessions) if user.sessions else None

    def _refresh(self, user: User) -> None:
        session = self._pick(user)
        if session is None:
            return
        call = self._call("Refresh", user, refresh_token=session.refresh)
        self._take(user, session, call)

    def _take(self, user: User, session: Session, call: Call) -> None:
        """What a refresh means for what the user has."""
        if call.is_ok:
            new = session_of(call)
            session.access, session.refresh = new.access, new.refresh
        elif call.outcome is Outcome.REFUSED and session in user.sessions:
            user.sessions.remove(session)

    def _verify(self, user: User) -> None:
        session = self._pick(user)
        if session is not None:
            call = self._call("VerifyToken", user, access_token=session.access)
            self._forget_refused(user, session, call)

    def _forget_refused(self, user: User, session: Session, call: Call) -> None:
        if call.outcome is Outcome.REFUSED and session in user.sessions:
            user.sessions.remove(session)

    def _log_out(self, user: User) -> None:
        session = self._pick(user)
        if session is None:
            return
        call = self._call("Logout", user, session.access)
        if call.outcome is not Outcome.UNKNOWN:
            user.sessions.remove(session)
            # What is over must be over for every daemon.
            self._call("VerifyToken", user, access_token=session.access)

    def _change_password(self, user: User) -> None:
        session = self._pick(user)
        if session is None or user.secret:
            return
        password = self._new_password()
        call = self._call(
            "ChangePassword", user, session.access,
            current_password=user.password, new_password=password,
        )  # fmt: skip
        self._changed(user, session, call)
        for other in list(user.sessions):
            if call.is_ok and other is not session:
                self._call("Refresh", user, refresh_token=other.refresh)
                user.sessions.remove(other)

    def _changed(self, user: User, session: Session, call: Call) -> None:
        if call.outcome is not Outcome.REFUSED:
            user.passwords.insert(0, call.sent["new_password"])
        if call.is_ok:
            user.passwords = user.passwords[:1]
        self._forget_refused(user, session, call)

    def _turn_mfa_on(self, user: User) -> None:
        session = user.sessions[0]
        begun = self._call("RegisterMfa", user, session.access, password=user.password)
        if not begun.is_ok:
            return
        secret = begun.answer[2].decode()
        step = int(time.time()) // 30 - 1
        call = self._call(
            "VerifyMfa", user, session.access, password=user.password,
            enrollment_token=begun.answer[1].decode(), totp_code=totp(secret, step),
        )  # fmt: skip
        if call.outcome is not Outcome.REFUSED:
            user.secret, user.last_step = secret, step
        if not call.is_ok:
            return
        user.sessions = [session]
        step = self._step(user)
        code = totp(secret, step) if step else ""

        def log_in(daemon: int) -> Callable[[Caller], Call]:
            return lambda caller: caller.call(
                daemon, "Login", user.email, password=user.password, totp_code=code
            )

        # One code at two daemons: it is good once.
        for login in self._at_once(log_in(0), log_in(2)):
            if login.is_ok:
                user.sessions.append(session_of(login))

    # What meets

    def _refresh_at_once(self, user: User) -> None:
        session = self._pick(user)
        if session is None:
            return
        token = session.refresh

        def refresh(daemon: int) -> Callable[[Caller], Call]:
            return lambda caller: caller.call(
                daemon, "Refresh", user.email, refresh_token=token
            )

        for call in self._at_once(refresh(0), refresh(1), refresh(2)):
            self._take(user, session, call)

    def _log_in_and_change(self, user: User) -> None:
        session = self._pick(user)
        if session is None or user.secret:
            return
        old, new = user.password, self._new_password()
        login, change = self._at_once(
            lambda caller: caller.call(1, "Login", user.email, password=old),
            lambda caller: caller.call(
                2, "ChangePassword", user.email, session.access,
                current_password=old, new_password=new,
            ),
        )  # fmt: skip
        self._changed(user, session, change)
        if login.is_ok:
            user.sessions.append(session_of(login))

    def _change_twice(self, user: User) -> None:
        session = self._pick(user)
        if session is None or user.secret:
            return
        old, new = user.password, [self._new_password(), self._new_password()]

        def change(daemon: int) -> Callable[[Caller], Call]:
            return lambda caller: caller.call(
                daemon, "ChangePassword", user.email, session.access,
                current_password=old, new_password=new[daemon],
            )  # fmt: skip

        for call in self._at_once(change(0), change(1)):
            if call.outcome is not Outcome.REFUSED:
                user.passwords.insert(0, call.sent["new_password"])

    def _log_out_and_refresh(self, user: User) -> None:
        session = self._pick(user)
        if session is None:
            return
        access, token = session.access, session.refresh
        self._at_once(
            lambda caller: caller.call(0, "Logout", user.email, access),
            lambda caller: caller.call(2, "Refresh", user.email, refresh_token=token),
        )
        user.sessions.remove(session)
        self._call("VerifyToken", user, access_token=access)

    def _delete_user(self, user: User) -> None:
        session = self._pick(user)
        if session is None:
            return
        time.sleep(max(0.0, user.registered_at + _LIFE_SECONDS_MIN - time.monotonic()))
        password = user.password
        calls = [
            lambda caller: caller.call(
                0, "DeleteUser", user.email, session.access, password=password
            )
        ]
        if self._random.random() < 0.5:
            # A login that meets the deletion: before it or not at all.
            calls.append(lambda caller: caller.call(1, "Login", user.email, password=password))
        self._at_once(*calls)
        self._call("Refresh", user, refresh_token=session.refresh)
        self._call("VerifyToken", user, access_token=session.access)
        user.sessions, user.passwords = [], []
        if self._random.random() < 0.5 and self._register(user):
            self._verify(user)
