"""How long the commands take before they do anything: seconds to import what they import, best of several runs.

The interpreter's own start is measured beside them and taken off. A benchmark and not a test, since the time depends
on the machine and on what else runs there.
"""

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUNS = 7
STATEMENTS = {"python alone": "pass"} | {
    name: f"import {name}" for name in ("verify.plan.__main__", "verify.check", "export.__main__")
}


def seconds(statement: str) -> float:
    """Best wall time of `python -c statement` in the project's folder; the first run, which compiles, is left out."""
    times = []
    for _ in range(RUNS + 1):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", statement], cwd=ROOT, check=True)
        times.append(time.perf_counter() - start)
    return min(times[1:])


def main() -> None:
    bare = 0.0
    for name, statement in STATEMENTS.items():
        measured = seconds(statement)
        bare = bare or measured
        extra = "" if statement == "pass" else f"   {measured - bare:6.3f} s more than python alone"
        print(f"{name:22} {measured:6.3f} s{extra}")


if __name__ == "__main__":
    main()
