"""`python -m experiments.streamnet_tables`: the StreamNet paper's figures from the .tflite files, digit by digit."""

import argparse
import json
import os
import sys
from collections.abc import Iterable
from dataclasses import asdict
from enum import Enum
from pathlib import Path

from experiments.streamnet_tables import figure, report
from experiments.streamnet_tables.published import MODELS, msf_cnn_points
from experiments.streamnet_tables.tables import Reproduced, Searched, reproduce, searches
from verify import cli
from verify.plan.published import Network

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = Path(os.environ.get("STJAX_MODELS", ROOT.parent / "shared" / "models")) / "mcunet_zoo"


def main() -> int:
    parser = argparse.ArgumentParser("python -m experiments.streamnet_tables", description=__doc__)
    parser.add_argument("--models", type=Path, default=FOLDER, metavar="DIR", help="folder of the ten .tflite files")
    parser.add_argument("--only", nargs="+", choices=list(MODELS), default=list(MODELS), metavar="NAME")
    parser.add_argument(
        "--ours", type=Path, metavar="POINTS.json", help='a third curve for figure 7b: {"MB2": [[bytes, macs], ...]}'
    )
    parser.add_argument("-o", "--output", type=Path, metavar="DIR", help="write results.md, .json and .svg here")
    options = parser.parse_args()
    ours = _points(options.ours) if options.ours else {}
    cells: list[Reproduced] = []
    found: list[Searched] = []
    budgets: list[figure.Budgeted] = []
    with cli.progress("networks") as progress:
        for number, model in enumerate(options.only):
            network = Network(cli.load_model(options.models / f"{MODELS[model]}.tflite"))
            cells += reproduce(model, network)
            found += searches(model, network)
            budgets += figure.curves(model, network, ours.get(model, ()))
            progress(number + 1, len(options.only))
    text = report.markdown(cells, found, budgets)
    print(text)
    if options.output:
        options.output.mkdir(parents=True, exist_ok=True)
        cli.write_beside(options.output / "results.md", text)
        cli.write_beside(options.output / "results.json", json.dumps(_values(cells, found, budgets), indent=1) + "\n")
        cli.write_beside(options.output / "results.svg", figure.plot(budgets))
    wrong = report.problems(cells)
    print(*(f"MISMATCH: {problem}" for problem in wrong), sep="\n", end="\n" if wrong else "", file=sys.stderr)
    return 1 if wrong else 0


def _points(path: Path) -> dict[str, list[tuple[int, int]]]:
    """A third curve's points.

    Raises:
      InputError: the file is not as `--help` shows it.
    """
    try:
        return figure.from_json(json.loads(cli.read_file(path)))
    except (ValueError, TypeError, AttributeError) as error:
        raise cli.InputError(f'{path}: {error}; it must hold {{"MB2": [[bytes, macs], ...], ...}}') from None


def _values(cells: Iterable[Reproduced], found: Iterable[Searched], budgets: Iterable[figure.Budgeted]) -> object:
    return {
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
