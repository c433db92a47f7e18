"""Seconds to read, plan and prove each model of the MCUNet zoo, and the obligations that the solver decides.

A benchmark and not a test: the seconds depend on the machine and on what else runs there.
"""

import os
import sys
import time
from pathlib import Path

from verify.plan.request import Request
from verify.plan.search import make_plan
from verify.proof.check import check
from verify.tflite import read_model

ROOT = Path(__file__).resolve().parent.parent
MODELS = Path(os.environ.get("STJAX_MODELS", ROOT.parent / "shared" / "models")) / "mcunet_zoo"


def main() -> int:
    paths = sorted(MODELS.glob("*.tflite"))
    if not paths:
        print(f"no models in {MODELS} (set STJAX_MODELS)", file=sys.stderr)
        return 2
    print(f"{'model':34} {'ops':>4} {'read':>6} {'plan':>6} {'prove':>6} {'obligations':>12}")
    for path in paths:
        start = time.perf_counter()
        graph = read_model(path.read_bytes(), path.stem)
        read = time.perf_counter()
        plan = make_plan(graph, Request("auto"))
        planned = time.perf_counter()
        report, _ = check(graph, plan)
        proved = time.perf_counter()
        seconds = f"{read - start:6.2f} {planned - read:6.2f} {proved - planned:6.2f}"
        print(f"{path.stem:34} {len(graph.nodes):4} {seconds} {report.obligations:12} {report.verdict}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
