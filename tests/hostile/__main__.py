"""`python -m tests.hostile SEED`: makes one case again and says how it ended; `--from N --seconds S` tries others."""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.hostile.cases import Ended, play


def say(seed: int, ended: Ended, folder: str) -> None:
    command = f"{ended.case.run.__module__} {' '.join(map(ascii, ended.case.arguments))}"
    print(f"case {seed}: {ended.case.what}: {ended.fault or 'as it should'}")
    print(f"  {command.replace(folder, '.')}")
    print(f"  exit code {ended.code} after {ended.seconds:.1f} s; {ended.said.strip()[:500]}")


def main() -> int:
    parser = argparse.ArgumentParser("python -m tests.hostile", description=__doc__)
    parser.add_argument("seed", type=int, nargs="?", help="the case to make again")
    parser.add_argument("--from", type=int, default=0, dest="start", metavar="N", help="look at cases from this one on")
    parser.add_argument("--seconds", type=float, default=60.0, metavar="S", help="for so long")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="write the case's files here")
    options = parser.parse_args()
    if options.seed is not None:
        with tempfile.TemporaryDirectory(prefix="hostile-") as name:
            folder = options.keep or Path(name)
            folder.mkdir(exist_ok=True)
            ended = play(options.seed, folder)
        say(options.seed, ended, str(folder))
        return 1 if ended.fault else 0
    end, seed, faults = time.monotonic() + options.seconds, options.start, 0
    while time.monotonic() < end:
        with tempfile.TemporaryDirectory(prefix="hostile-") as name:
            ended = play(seed, Path(name))
        if ended.fault:
            faults += 1
            say(seed, ended, name)
            print(f"  replay: python -m tests.hostile {seed}", flush=True)
        seed += 1
    print(f"hostile input: cases {options.start} to {seed - 1}, {faults} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
