"""README.md names what there is: files, calls, faults, rules of the lint, settings."""

import re
import unittest
from dataclasses import fields

from emulator.control import Control
from emulator.emulator import Emulator
from emulator.fault_kinds import KINDS
from emulator.settings import Account, Settings
from support import PROGRAM

README = (PROGRAM / "README.md").read_text()


def section(name: str) -> str:
    return README.partition(f"\n## {name}\n")[2].partition("\n## ")[0]


def first_cells(text: str) -> set[str]:
    """What stands in backticks in the first cell of each row."""
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    return {word for row in rows for word in re.findall(r"`([^`]+)`", row)}


class ReadmeTest(unittest.TestCase):
    def test_every_module_is_named(self) -> None:
        files = {path.name for path in (PROGRAM / "emulator").glob("*.py")} - {"__init__.py"}
        self.assertEqual(first_cells(section("Modules")), files)

    def test_every_setting_is_named(self) -> None:
        names = {one.name for one in fields(Settings)}
        self.assertEqual(first_cells(section("Settings")), names)

    def test_every_fault_is_named_with_its_parameters(self) -> None:
        text = section("Faults")
        self.assertEqual(first_cells(text), set(KINDS))
        shared = {"when", "status", "code", "retry_after"}  # of rows that say "same"
        for line in text.splitlines():
            if not line.startswith("| `"):
                continue
            words = set(re.findall(r"`(\w+)`", line.split("|")[2]))
            for kind in re.findall(r"`(\w+)`", line.split("|")[1]):
                missing = set(KINDS[kind].parameters) - words
                if "same" in line.split("|")[2]:
                    missing -= shared | {"reset"}
                if kind in ("truncate", "reset"):
                    missing -= {"reset"}
                if kind in ("expire_sas", "revoke_tokens"):
                    missing -= {"which"}
                self.assertEqual(missing, set(), kind)

    def test_every_rule_of_the_lint_is_named(self) -> None:
        code = "".join(path.read_text() for path in (PROGRAM / "emulator").glob("*.py"))
        rules = set(re.findall(r'\.violates\(\s*"(\w+)"', code))
        self.assertGreater(len(rules), 15)
        self.assertLessEqual(rules, first_cells(section("Lint")))

    def test_every_call_is_named(self) -> None:
        control = Control(Emulator(Account()))
        text = section("Control port")
        for method, path in control.calls:
            with self.subTest(method=method, path=path):
                known = re.search(rf"`{method}[^`]* ?{re.escape(path)}[`?&]", text)
                row = re.search(rf"^\| .*{re.escape(path)}[`?].*$", text, re.MULTILINE)
                self.assertTrue(known or (row and f"`{method}`" in row[0]))


if __name__ == "__main__":
    unittest.main()
