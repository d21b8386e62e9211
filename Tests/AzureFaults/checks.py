"""What must be true of a run, whatever failed in it: the calls against the commits."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from history import Change, History, Moment, matches
from record import Call, Outcome
from ttrpc import claims, fields

Facts = Iterator[str]
# A refresh token is good for so long after its successor was made.
GRACE_SECONDS = 10
_COUNTERS = {
    "account": ("sessionEpoch", "mfaEpoch", "totpLastStep", "unlocks"),
    "session": ("generation", "epoch"),
}
_FAILURES = ("passwordFailures", "totpFailures", "recoveryFailures")


class Checks:
    """Each check gives the facts that speak against it."""

    def __init__(self, calls: list[Call], commits: list[dict[str, Any]]) -> None:
        self.calls = calls
        self.history = History(commits)
        self._by_method: dict[str, list[Call]] = defaultdict(list)
        for call in calls:
            self._by_method[call.method].append(call)
        self._passwords = self._find_passwords()

    def all(self) -> dict[str, Callable[[], Facts]]:
        """By the sentence that each of them is."""
        return {
            "Every acknowledged registration is there once": self.registrations,
            "Every acknowledged login is there once": self.logins,
            "Every acknowledged refresh is there once": self.refreshes,
            "Every acknowledged change of a password is there once": self.password_changes,
            "Every acknowledged deletion and logout took effect": self.ends,
            "Every acknowledged setting up of MFA is there": self.mfa,
            "No write is applied twice": self.writes_once,
            "A call that was refused wrote nothing": self.refusals,
            "No address was called taken that was free": self.addresses,
            "No right password was refused": self.right_passwords,
            "No wrong password was believed": self.wrong_passwords,
            "No session that lived was refused": self.living_sessions,
            "No session outlived its account or its password": self.dead_sessions,
            "No row of a session is without its account": self.orphans,
            "No counter went back": self.counters,
            "No TOTP code was good twice": self.codes,
        }

    # What commits say of passwords

    def _find_passwords(self) -> dict[str, list[Change]]:
        """By the password, the commits that made it an account's."""
        candidates: dict[str, list[str]] = defaultdict(list)
        for call in self.calls:
            for name in ("password", "new_password"):
                if call.method in ("Register", "ChangePassword") and name in call.sent:
                    candidates[call.email].append(call.sent[name])
        found: dict[str, list[Change]] = defaultdict(list)
        for email, passwords in candidates.items():
            for change in self.history.of(email).changes:
                stored = (change.after or {}).get("passwordHash")
                if stored is None or stored == (change.before or {}).get("passwordHash"):
                    continue
                for password in passwords:
                    if matches(password, stored):
                        found[password].append(change)
        return found

    def _hashes(self, password: str) -> set[str]:
        changes = self._passwords[password]
        return {change.after["passwordHash"] for change in changes if change.after}

    def _during(self, call: Call) -> list[Moment]:
        return self.history.of(call.email).during(call.start, call.end)

    def _ok(self, method: str) -> Iterator[Call]:
        return (call for call in self._by_method[method] if call.is_ok)

    # Acknowledged writes

    def registrations(self) -> Facts:
        for call in self._ok("Register"):
            user = call.answer[1].decode()
            made = [
                change
                for change in self.history.of(call.email).changes
                if change.is_account and not change.before and change.after["userId"] == user
            ]
            if len(made) != 1:
                yield f"{call}: made {len(made)} times"

    def logins(self) -> Facts:
        for call in self._ok("Login"):
            session = call.answer[2].decode()
            made = self._made_sessions(call)
            if [change.session for change in made] != [session]:
                yield f"{call}: session {session}, stored {[str(one) for one in made]}"

    def _made_sessions(self, call: Call) -> list[Change]:
        """Those that a login stored, by its label."""
        return [
            change
            for change in self.history.of(call.email).changes
            if change.session and not change.before
            and change.after.get("clientName") == call.sent["label"]
        ]  # fmt: skip

    def refreshes(self) -> Facts:
        for call in self._ok("Refresh"):
            told = claims(fields(call.answer[1])[3].decode())
            made = [
                change
                for change in self.history.of(call.email).changes
                if change.session == told["sid"] and change.before and change.after
                and change.after["generation"] == told["gen"]
                and change.before["generation"] == told["gen"] - 1
            ]  # fmt: skip
            if len(made) != 1:
                yield f"{call}: generation {told['gen']} of {told['sid']} made {len(made)} times"

    def password_changes(self) -> Facts:
        for call in self._ok("ChangePassword"):
            made = self._passwords[call.sent["new_password"]]
            if len(made) != 1:
                yield f"{call}: made {len(made)} times"
            elif not call.start <= made[0].time <= call.end:
                yield f"{call}: {made[0]}"
            elif made[0].after["sessionEpoch"] != made[0].before["sessionEpoch"] + 1:
                yield f"{call}: {made[0]} left the sessions as they were"

    def ends(self) -> Facts:
        for call in self._ok("DeleteUser"):
            gone = [
                change
                for change in self.history.of(call.email).changes
                if change.is_account and not change.after and call.start <= change.time <= call.end
            ]
            if len(gone) != 1:
                yield f"{call}: {len(gone)} deletions"
        for call in self._ok("Logout"):
            session = self._session_of(call)
            if self._during(call)[-1].is_live(session):
                yield f"{call}: session {session} lives"

    def mfa(self) -> Facts:
        for call in self._ok("VerifyMfa"):
            turned = [
                change
                for change in self.history.of(call.email).changes
                if change.is_account and call.start <= change.time <= call.end
                and "totpSecret" in (change.after or {})
                and "totpSecret" not in (change.before or {})
            ]  # fmt: skip
            if len(turned) != 1:
                yield f"{call}: MFA turned on {len(turned)} times"

    # What must not be

    def writes_once(self) -> Facts:
        for number, commits in self.history.op_ids.items():
            if len(commits) > 1:
                yield f"write {number} in commits {commits}"
        for call in self._by_method["Login"]:
            made = self._made_sessions(call)
            if len(made) > 1:
                yield f"{call}: stored {len(made)} sessions"
        for password, changes in self._passwords.items():
            if len(changes) > 1:
                yield f"the password {password}: {[str(one) for one in changes]}"

    def refusals(self) -> Facts:
        for call in self.calls:
            if call.outcome is not Outcome.REFUSED:
                continue
            made: list[Change] = []
            if call.method == "Login":
                made = self._made_sessions(call)
            elif call.method in ("Register", "ChangePassword"):
                made = self._passwords[call.sent.get("new_password") or call.sent["password"]]
            elif call.method == "DeleteUser" and not self._others("DeleteUser", call):
                made = [
                    change
                    for change in self.history.of(call.email).changes
                    if change.is_account and not change.after
                    and call.start <= change.time <= call.end
                ]  # fmt: skip
            # What somebody deleted since, account and all, is as if it had never been.
            rows = self._during(call)[-1].rows
            made = [change for change in made if not change.after or change.row in rows]
            if made:
                yield f"{call}: and yet {made[0]}"

    def _others(self, method: str, call: Call) -> list[Call]:
        """Calls of that kind for the same user that may have acted at the time of `call`."""
        return [
            one
            for one in self._by_method[method]
            if one.email == call.email and one is not call and one.start <= call.end
            and (one.outcome is Outcome.UNKNOWN or one.end >= call.start)
        ]  # fmt: skip

    def addresses(self) -> Facts:
        for call in self._by_method["Register"]:
            own = self._hashes(call.sent["password"])
            if call.reason == "EMAIL_TAKEN" and not any(
                moment.account and moment.account["passwordHash"] not in own
                for moment in self._during(call)
            ):
                yield str(call)

    def right_passwords(self) -> Facts:
        for call in self.calls:
            if call.reason != "INVALID_CREDENTIALS":
                continue
            right = self._hashes(call.sent.get("current_password") or call.sent["password"])
            if all(
                moment.account and moment.account["passwordHash"] in right
                for moment in self._during(call)
            ):
                yield str(call)

    def wrong_passwords(self) -> Facts:
        for call in self._ok("Login"):
            right = self._hashes(call.sent["password"])
            for change in self._made_sessions(call):
                moments = self.history.of(call.email).moments
                at = next(one for one in moments if one.commit == change.commit)
                if not at.account or at.account["passwordHash"] not in right:
                    yield f"{call}: {change} under another password"

    @staticmethod
    def _token(call: Call) -> str:
        sent = call.sent
        return sent.get("refresh_token") or sent.get("access_token") or sent["bearer"]

    def _session_of(self, call: Call) -> str:
        return claims(self._token(call))["sid"]

    def living_sessions(self) -> Facts:
        for call in self.calls:
            is_session_refused = call.reason.startswith("TOKEN_") or call.reason == "REFRESH_REUSED"
            if not is_session_refused or call.method in ("Register", "Login"):
                continue
            session = self._session_of(call)
            if not all(moment.is_live(session) for moment in self._during(call)):
                continue
            generation = claims(self._token(call)).get("gen")
            rows = [moment.rows[f"s_{session}"] for moment in self._during(call)]
            if generation is None or all(row["generation"] == generation for row in rows):
                yield str(call)

    def dead_sessions(self) -> Facts:
        for call in self.calls:
            if call.is_ok and call.method in ("VerifyToken", "Refresh"):
                session = self._session_of(call)
                if not any(moment.is_live(session) for moment in self._during(call)):
                    yield f"{call}: session {session} was over"

    def orphans(self) -> Facts:
        for name, found in self.history.partitions.items():
            for moment in found.moments:
                rows = [row for row in moment.rows if row.startswith("s_")]
                if rows and moment.account is None:
                    yield f"after commit {moment.commit} in {name}: {rows[0]} without an account"
            for change in found.changes:
                at = next(one for one in found.moments if one.commit == change.commit)
                if change.session and not change.before and not at.is_live(change.session):
                    yield f"{change}: a session that is not of its account's epoch"

    def counters(self) -> Facts:
        for found in self.history.partitions.values():
            for change in found.changes:
                before, after = change.before, change.after
                kind = "account" if change.is_account else "session" if change.session else ""
                if not before or not after or not kind or before["userId"] != after["userId"]:
                    continue
                for name in _COUNTERS[kind]:
                    if after.get(name, 0) < before.get(name, 0):
                        yield f"{change}: {name} from {before[name]} to {after.get(name)}"
                for name in _FAILURES if kind == "account" else ():
                    # Nothing but a success takes them away, and then all of them.
                    if 0 < after.get(name, 0) < before.get(name, 0):
                        yield f"{change}: {name} from {before[name]} to {after[name]}"

    def codes(self) -> Facts:
        for email in {call.email for call in self._by_method["VerifyMfa"]}:
            steps: Counter[tuple[str, int]] = Counter()
            for change in self.history.of(email).changes:
                after, before = change.after or {}, change.before or {}
                step = after.get("totpLastStep", 0)
                if step and step != before.get("totpLastStep", 0):
                    steps[(after["userId"], step)] += 1
            sessions = [
                change
                for change in self.history.of(email).changes
                if change.session and not change.before and "otp" in change.after["amr"].split()
            ]
            twice = [step for step, count in steps.items() if count > 1]
            if twice:
                yield f"{email}: steps {twice} taken twice"
            if len(sessions) > len(steps):
                yield f"{email}: {len(sessions)} logins by {len(steps)} codes"
