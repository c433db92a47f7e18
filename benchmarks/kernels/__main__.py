"""`python -m benchmarks.kernels`: executed instructions per layer and per model, by target, on emulated boards.

python -m benchmarks.kernels                                      the models of models.py, all settings
python -m benchmarks.kernels MODEL.tflite --layers                one model, a line per operator
python -m benchmarks.kernels --layer conv:1x1:144:24:w20          one kernel by itself (single.py has the words)
python -m benchmarks.kernels -o benchmarks/kernels                write results.json and results.md
python -m benchmarks.kernels --profiles FOLDER                    profiles as text and flame graphs
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.kernels import flame, models, tables
from benchmarks.kernels.measure import Measured, Setting, measure
from benchmarks.kernels.single import LayerError, layer_model
from embedded.tools.board import FirmwareError
from verify.commands import cli
from verify.graph.graph import Graph
from verify.plan.request import SCHEMES, PlanningError
from verify.report.tables import console
from verify.targets.registry import targets

SETTINGS = (
    Setting("portable", "mps2-an500"),
    Setting("cortex-m-dsp", "mps2-an500"),
    Setting("portable", "mps3-an547"),
    Setting("cortex-m-mve", "mps3-an547"),
)
"""Cortex-M7 and Cortex-M55."""

COLUMNS = 180
"""Of the tables at least: terminals wrap longer lines, where nothing is lost."""


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "python -m benchmarks.kernels", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("models", nargs="*", type=Path, metavar="MODEL.tflite", help="instead of those of models.py")
    parser.add_argument("--models", type=Path, default=models.FOLDER, dest="folder", help="folder of these")
    parser.add_argument("--only", default="", metavar="TEXT", help="models whose name contains this")
    parser.add_argument("--layer", action="append", default=[], metavar="SHAPE", help="a layer by itself, repeatable")
    parser.add_argument("--on", action="append", metavar="TARGET@BOARD", help="settings, such as portable@mps2-an500")
    parser.add_argument("--scheme", default="stream", choices=SCHEMES, help="of the planner (default: %(default)s)")
    parser.add_argument("--layers", action="store_true", help="print a line per operator")
    parser.add_argument("--json", action="store_true", help="print results.json instead of tables")
    parser.add_argument("--profiles", type=Path, metavar="FOLDER", help="write profiles as .txt and .svg here")
    parser.add_argument("-o", "--output", type=Path, metavar="FOLDER", help="write results.json and results.md here")
    parser.add_argument("--work", type=Path, metavar="FOLDER", help="keep what is built here; faster the next time")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    options = parse(arguments)
    try:
        settings = settings_of(options.on)
        graphs = graphs_of(options)
    except LayerError as error:
        raise cli.InputError(str(error)) from None
    with tempfile.TemporaryDirectory(prefix="stjax-kernels-") as temporary:
        results = list(collect(graphs, settings, options.scheme, options.work or Path(temporary)))
    before = tables.committed()
    if options.json:
        print(tables.to_json(results), end="")
    else:
        show(results, before, options.layers or bool(options.layer))
    if options.profiles:
        write_profiles(options.profiles, results)
    if options.output:
        options.output.mkdir(parents=True, exist_ok=True)
        command = "python -m benchmarks.kernels " + " ".join(arguments or sys.argv[1:])
        cli.write_beside(options.output / "results.json", tables.to_json(results))
        cli.write_beside(options.output / "results.md", tables.markdown(results, before, command.strip()))
    for problem in (wrong := tables.problems(results, before)):
        print(f"error: {problem}", file=sys.stderr)
    return 1 if wrong else 0


def settings_of(names: Sequence[str] | None) -> list[Setting]:
    """Those named, or all whose target there is."""
    known = targets()
    if names is None:
        return [setting for setting in SETTINGS if setting.target in known]
    found = []
    for name in names:
        target, _, board = name.partition("@")
        if target not in known or not board:
            raise cli.InputError(f"--on {name!r} is no TARGET@BOARD; targets are {', '.join(known)}")
        found.append(Setting(target, board))
    return found


def graphs_of(options: argparse.Namespace) -> list[Callable[[], Graph]]:
    """What is measured; a model is read when its turn comes."""
    if options.layer:
        return [lambda line=line: layer_model(line) for line in options.layer]
    paths = options.models or [path for path in models.paths_of(options.folder) if options.only in path.stem]
    if not paths:
        found = f"no model below {options.folder} has a name with {options.only!r}"
        raise cli.InputError(f"{found}; name files, or the folder with mcunet_zoo/ and corpus/ by --models")
    return [lambda path=path: cli.load_model(path) for path in paths]


def collect(graphs: Sequence[Callable[[], Graph]], settings: Sequence[Setting], scheme: str, work: Path):
    """Measures each in each setting, and says so as it goes."""
    for read in graphs:
        graph = read()
        for setting in settings:
            try:
                result = measure(graph, setting, scheme, work)
            except (PlanningError, FirmwareError) as error:
                raise cli.InputError(f"{graph.name}, {setting}: {error}") from None
            print(f"{graph.name}, {setting}: {result.instructions:,}", file=sys.stderr, flush=True)
            yield result


def show(results: Sequence[Measured], before: tables.Before, with_layers: bool) -> None:
    out = console(highlight=False)
    out.width = max(out.width, COLUMNS)
    for measured in results if with_layers else ():
        out.print(f"{measured.model}, {measured.setting}", markup=False)
        rows = tables.layer_rows(measured, before.get(tables.key_of(measured)))
        tables.print_table(out, tables.LAYERS, rows)
        out.print()
    tables.print_table(out, tables.MODELS, tables.model_rows(results, before))
    out.print(tables.to_peers(results), markup=False)
    for line in tables.cycle_lines(results):
        out.print(line, markup=False)


def write_profiles(folder: Path, results: Sequence[Measured]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for measured in results:
        stem = f"{measured.model}-{measured.setting}".replace(":", "-")
        cli.write_beside(folder / f"{stem}.txt", flame.profile_text(measured))
        cli.write_beside(folder / f"{stem}.svg", flame.flame_svg(measured))


if __name__ == "__main__":
    sys.exit(cli.guarded(main))
