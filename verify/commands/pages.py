"""`--report` and `--plot`, which `verify.plan` and `verify.check` share: their flags, and the files that they write."""

import argparse
import csv
import io
import shlex
import sys
from pathlib import Path

from verify.commands import cli
from verify.graph.graph import Graph
from verify.graph.plan import Plan
from verify.proof.check import Report
from verify.proof.layout import Layout
from verify.report.memory_map import memory_map
from verify.report.page import Extras, page
from verify.report.plot import SUFFIXES, PlotError, plot
from verify.report.scatter import Point

COLUMNS = ("label", "sram_bytes", "macs", "group")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--report",
        type=Path,
        metavar="PAGE.html",
        help="write one self-contained page: memory map over time, boards that it fits, instructions per row and\n"
        "operator, flash, verdicts; also for what is not proved",
    )
    parser.add_argument(
        "--plot", type=_picture, metavar="MAP.svg", help="write the memory map alone; .png needs matplotlib"
    )
    parser.add_argument(
        "--points",
        type=Path,
        metavar="POINTS.csv",
        help=f"other plans, for a picture of SRAM against MACs on the page, with the columns {','.join(COLUMNS)}",
    )


def check_arguments(options: argparse.Namespace) -> tuple[Point, ...]:
    """The points to show; called before anything long is begun.

    Raises:
      InputError: --points without --report, a file that does not hold points, or one that cannot be written.
    """
    cli.check_targets(options.report, options.plot)
    if options.points is None:
        return ()
    if options.report is None:
        raise cli.InputError("--points is for the page: give --report as well")
    return read_points(cli.read_file(options.points), options.points.name)


def command_line(program: str, arguments: list[str] | None) -> str:
    return shlex.join(["python", "-m", program, *(sys.argv[1:] if arguments is None else arguments)])


def write(options: argparse.Namespace, graph: Graph, plan: Plan, report: Report, extras: Extras) -> list[Path]:
    """Writes what was asked for, and returns what was written.

    Raises:
      InputError: a file cannot be written, or a plan that does not fit its model is to be drawn.
    """
    written = []
    if options.report is not None:
        cli.write_beside(options.report, page(graph, plan, report, extras))
        written.append(options.report)
    if options.plot is not None:
        layout = Layout(graph, plan)
        if layout.faults:
            raise cli.InputError(
                f"--plot: there is no map of this plan: {layout.faults[0].subject}: {layout.faults[0].text}"
            )
        try:
            picture = plot(memory_map(layout, extras.bound_bytes), options.plot.suffix.lower())
        except PlotError as error:
            raise cli.InputError(f"--plot {options.plot}: {error}") from None
        cli.write_beside(options.plot, picture)
        written.append(options.plot)
    return written


def read_points(contents: bytes, name: str) -> tuple[Point, ...]:
    """Points from CSV with a head of COLUMNS.

    Raises:
      InputError: other columns, or a count that is not a whole number.
    """
    try:
        rows = csv.DictReader(io.StringIO(contents.decode("utf-8-sig"), newline=""), strict=True)
        if tuple(rows.fieldnames or ()) != COLUMNS:
            raise cli.InputError(f"{name}: the first line must be {','.join(COLUMNS)}")
        points = []
        for row in rows:
            if None in row or None in row.values():
                raise cli.InputError(f"{name}, line {rows.line_num}: a point has {len(COLUMNS)} columns")
            where = f"{name}, line {rows.line_num}"
            sram_bytes, macs = (_count(row[column], f"{where}, {column}") for column in ("sram_bytes", "macs"))
            points.append(Point(row["label"], sram_bytes, macs, row["group"]))
    except (UnicodeDecodeError, csv.Error) as error:
        raise cli.InputError(f"{name}: not CSV in UTF-8: {error}") from None
    return tuple(points)


def _count(text: str, where: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise cli.InputError(f"{where}: {text[:40]!r} is not a whole number")
    return int(text)


def _picture(text: str) -> Path:
    path = Path(text)
    if path.suffix.lower() not in SUFFIXES:
        raise argparse.ArgumentTypeError(f"{text!r} must end in {' or '.join(SUFFIXES)}")
    return path
