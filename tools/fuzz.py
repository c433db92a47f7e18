"""`make fuzz SECONDS=600`: new examples for the property tests and new hostile input, for as long as it is told.

Rounds of two turns: property tests with a seed of their own, then cases of hostile input. What is found is printed with
the command that finds it again. Kept are random networks by `@example` (tests/kept), other examples likewise, hostile
input by its seed (tests/hostile/test_hostile_input.py).
"""

import argparse
import random
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

DESCRIPTION = "New examples for the property tests and new hostile input, for as long as it is told."
ROOT = Path(__file__).parent.parent
TURN_S = 120
"""Seconds that a turn of hostile input takes, and after which no further file of tests is begun."""


@dataclass(frozen=True)
class Finding:
    """A test that failed, or a case that ended wrongly, and the command that shows it again."""

    what: str
    replay: str


def property_tests(root: Path = ROOT) -> list[str]:
    """Files of tests that draw examples, those left out that need training packages."""
    files = sorted(path for path in (root / "tests").rglob("test_*.py") if "stjax" not in path.parts)
    return [str(path.relative_to(root)) for path in files if "@given(" in path.read_text()]


def failures(printed: str, seed: int) -> list[Finding]:
    """What pytest's summary says failed."""
    names = dict.fromkeys(re.findall(r"^(?:FAILED|ERROR) (tests/\S+)", printed, re.MULTILINE))
    command = "python -m pytest --hypothesis-profile=fuzz --hypothesis-seed"
    return [Finding(name, f"{command}={seed} '{name}'") for name in names]


def cases(printed: str) -> list[Finding]:
    """What a turn of hostile input found."""
    return [Finding(*found) for found in re.findall(r"^(case .*)\n(?:  .*\n)*?  replay: (.*)$", printed, re.MULTILINE)]


def run(command: Sequence[str]) -> str:
    result = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False)
    return result.stdout + result.stderr


def draw(file: str, seed: int) -> list[Finding]:
    drawn = [
        "--hypothesis-profile=fuzz",
        f"--hypothesis-seed={seed}",
        "-m",
        "not train",
        "-p",
        "no:cacheprovider",
        "-q",
    ]
    printed = run(["pytest", *drawn, file])
    found = failures(printed, seed)
    if found:
        print(printed[-6000:], flush=True)
    return found


def fuzz(seconds: float, seed: int) -> list[Finding]:
    """Goes on for so many seconds; the file of tests or the turn that has begun is finished."""
    rng, end = random.Random(seed), time.monotonic() + seconds
    found: list[Finding] = []
    while time.monotonic() < end:
        files, turn = property_tests(), time.monotonic() + TURN_S
        rng.shuffle(files)
        while files and time.monotonic() < min(turn, end):
            file, drawn = files.pop(), rng.randrange(2**32)
            print(f"fuzz: {file}, seed {drawn}", flush=True)
            found += draw(file, drawn)
        start, left = rng.randrange(2**32), min(TURN_S, end - time.monotonic())
        if left > 0:
            print(f"fuzz: hostile input from case {start}", flush=True)
            found += cases(run(["tests.hostile", "--from", str(start), "--seconds", str(left)]))
    return found


def main() -> int:
    parser = argparse.ArgumentParser("python -m tools.fuzz", description=DESCRIPTION)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--seed", type=int, help="of all seeds; default: another one each time")
    options = parser.parse_args()
    seed = random.SystemRandom().randrange(2**32) if options.seed is None else options.seed
    print(f"fuzz: {options.seconds:g} s, seed {seed}", flush=True)
    found = fuzz(options.seconds, seed)
    for finding in found:
        print(f"found: {finding.what}\n  replay: {finding.replay}")
    print(f"fuzz: {len(found)} found")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
