"""`python -m experiments.streamnet_tables`: the StreamNet paper's figures from the .tflite files, digit by digit."""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import asdict
from enum import Enum
from pathlib import Path

from experiments.bit_exact.run import load
from experiments.streamnet_tables import figure, report, report_plans
from experiments.streamnet_tables.plans import Planned, plans, runner
from experiments.streamnet_tables.published import MODELS, msf_cnn_points
from experiments.streamnet_tables.tables import Reproduced, Searched, reproduce, searches
from verify.commands import cli
from verify.plan.published import Network

ROOT = Path(__file__).resolve().parent.parent.parent
EXECUTED = ("MI0", "MI1", "MV0", "MV1")
"""Networks on which the published schemes run on the host, too: small ones, for patches compute a lot."""

EMULATED = "MV0"
"""The one on which they also run on an emulated Cortex-M7."""

FOLDER = Path(os.environ.get("STJAX_MODELS", ROOT.parent / "shared" / "models")) / "mcunet_zoo"


def main() -> int:
    parser = argparse.ArgumentParser("python -m experiments.streamnet_tables", description=__doc__)
    parser.add_argument("--models", type=Path, default=FOLDER, metavar="DIR", help="folder of the ten .tflite files")
    parser.add_argument("--only", nargs="+", choices=list(MODELS), default=list(MODELS), metavar="NAME")
    parser.add_argument("-o", "--output", type=Path, metavar="DIR", help="write results.md, .json and .svg here")
    parser.add_argument(
        "--resume", action="store_true", help="take the plans of networks that stand in DIR/results.json from there"
    )
    options = parser.parse_args()
    if options.resume and not options.output:
        parser.error("--resume needs -o DIR")
    ours = _planned(options)
    cells: list[Reproduced] = []
    found: list[Searched] = []
    budgets: list[figure.Budgeted] = []
    with cli.progress("networks") as progress:
        for number, model in enumerate(options.only):
            network = Network(cli.load_model(options.models / f"{MODELS[model]}.tflite"))
            cells += reproduce(model, network)
            found += searches(model, network)
            budgets += figure.curves(model, network, report_plans.points(ours, model))
            progress(number + 1, len(options.only))
    text = report.markdown(cells, found, budgets, ours)
    print(text)
    if options.output:
        options.output.mkdir(parents=True, exist_ok=True)
        cli.write_beside(options.output / "results.md", text)
        cli.write_beside(
            options.output / "results.json", json.dumps(_values(cells, found, budgets, ours), indent=1) + "\n"
        )
        cli.write_beside(options.output / "results.svg", figure.plot(budgets))
    wrong = report.problems(cells) + report_plans.problems(ours)
    print(*(f"MISMATCH: {problem}" for problem in wrong), sep="\n", end="\n" if wrong else "", file=sys.stderr)
    return 1 if wrong else 0


def _planned(options: argparse.Namespace) -> list[Planned]:
    """The plans of all networks; what is measured is written after each network, so that `--resume` can go on."""
    path = options.output / "results.json" if options.output else None
    done: list[Planned] = []
    if options.resume and path is not None and path.exists():
        done = [Planned(**row) for row in json.loads(cli.read_file(path)).get("plans", ())]
    with tempfile.TemporaryDirectory(prefix="stjax-streamnet-") as work:
        for model in options.only:
            if any(row.model == model for row in done):
                continue
            case = load(options.models / f"{MODELS[model]}.tflite", 1)
            if isinstance(case, str):
                raise cli.InputError(f"{MODELS[model]}: {case}")
            run = runner(case, Path(work) / model, model in EXECUTED, model == EMULATED)
            for row in plans(model, case.graph, run):
                print(f"{model} {row.kind}: {row.sram:,} bytes, {row.verdict}", file=sys.stderr, flush=True)
                done.append(row)
            if path is not None:
                options.output.mkdir(parents=True, exist_ok=True)
                cli.write_beside(path, json.dumps({"plans": [_plain(row) for row in done]}, indent=1) + "\n")
    return [row for model in options.only for row in done if row.model == model]


def _values(
    cells: Iterable[Reproduced], found: Iterable[Searched], budgets: Iterable[figure.Budgeted], ours: Iterable[Planned]
) -> object:
    return {
        "plans": [_plain(row) for row in ours],
        "tables": [_plain(cell) | {"agrees": cell.agrees} for cell in cells],
        "searches": [_plain(search) | {"outcome": search.outcome} for search in found],
        "figure_7b": [_plain(row) for row in budgets],
        "msf_cnn": msf_cnn_points(),
    }


def _plain(value: object) -> dict[str, object]:
    """A dataclass as JSON values, enumerations by their value."""

    def factory(items: list[tuple[str, object]]) -> dict[str, object]:
        return {key: item.value if isinstance(item, Enum) else item for key, item in items}

    return asdict(value, dict_factory=factory)  # type: ignore[call-overload]


if __name__ == "__main__":
    sys.exit(cli.guarded(main))
