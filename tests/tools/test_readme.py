"""The README's first screen, run as it stands."""

import pytest

from tests.embedded.firmware_harness import needs_device
from tools import readme
from tools.readme import Shown


def shown() -> list[Shown]:
    return [shown for shown in readme.screen(readme.DOCUMENT.read_text()) if shown.runs]


def check(expected: list[Shown]) -> None:
    for old, lines in zip(expected, readme.printed([old.command for old in expected]), strict=True):
        new = Shown(old.command, lines)
        assert readme.comparable(new) == readme.comparable(old), "run `python -m tools.readme`"


def test_it_needs_nothing_but_the_clone() -> None:
    commands = [old.command for old in readme.screen(readme.DOCUMENT.read_text())]
    assert commands[0].startswith("make setup")
    assert not [command for command in commands if "shared" in command or "/work" in command]
    for word in ("verify.plan", "export", "make -s -C embedded run"):
        assert any(word in command for command in commands)


def test_the_first_commands_print_what_stands_there() -> None:
    check([old for old in shown() if not old.of_firmware])


@needs_device
def test_the_firmware_prints_what_stands_there() -> None:
    check([old for old in shown() if old.of_firmware or "verify.plan" in old.command])


def test_only_what_varies_is_left_out_of_the_comparison(monkeypatch: pytest.MonkeyPatch) -> None:
    line = "proved: 369 obligations in 0.49 s (z3 5.4.0)"
    plan = Shown("python -m verify.plan", (line, "  arena  7,648  all"))
    same = Shown(plan.command, (line.replace("0.49", "12.30"), "  arena  7,648  all"))
    assert readme.comparable(plan) == readme.comparable(same)
    assert readme.comparable(plan) != readme.comparable(Shown(plan.command, (line, "  arena  7,656  all")))
    a, b = (Shown("make -s -C embedded run", (f"  code  {size}  kernels",)) for size in (1, 2))
    monkeypatch.setattr(readme, "compiler", lambda: readme.COMPILER)
    assert readme.comparable(a) != readme.comparable(b)
    monkeypatch.setattr(readme, "compiler", lambda: "another")
    assert readme.comparable(a) == readme.comparable(b)


def test_a_failing_command_is_named() -> None:
    with pytest.raises(readme.ReadmeError, match=r"^echo no && false: status 1\nno"):
        list(readme.printed(["echo no && false"]))
    with pytest.raises(readme.ReadmeError, match="has no block that begins with a command"):
        readme.screen("```\nls\n```\n")
