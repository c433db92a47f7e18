"""`python -m verify.ops MODEL.tflite`: one table of a model's operators, also of a model that is refused."""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from verify.commands import cli
from verify.graph.graph import Graph
from verify.report.support import best_streaming, kernels_by_target
from verify.report.tables import console
from verify.targets.registry import PORTABLE, targets
from verify.tflite import ModelError, Survey, survey
from verify.tflite.schema import RawOperator
from verify.tflite.survey import FOLLOWS, UNSEEN
from verify.tflite.upright import upright

DESCRIPTION = """\
One line per operator of the file, in its order: what it reads and gives, whether it is supported (else why not),
whether a plan can compute it as its operands arrive, and which kernel of each target computes it.

  status      yes; no, with the number of the reason below the table; gone, where nothing is left of it once the model
              is read (a constant, other names for bytes, a padding that becomes part of a convolution); unknown,
              where it reads what a refused operator would make constant
  streams     by rows: rows of the result are computed as rows of the operands arrive, which are then forgotten
              by rows and columns: regions of an image, too
              operand 1 whole: of this operand all must stand before the first row
              upright: positions along width are taken for rows, where the plan says so
              no: all of the operands at once

It needs no plan, and works on models that are refused: what would have to change stands in one place."""
EPILOG = "exit codes: 0 the model is read, 2 it is refused, or cannot be read"
WIDE = 160
"""Columns where the output is no terminal."""
YES, GONE, NO, UNKNOWN = "yes", "gone", "no", "unknown"


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = cli.Parser(
        "python -m verify.ops", description=DESCRIPTION, epilog=EPILOG, formatter_class=argparse.RawTextHelpFormatter
    )
    cli.add_version(parser)
    parser.add_argument("model", type=Path, metavar="MODEL.tflite")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--subgraph", type=int, default=0, metavar="N", help="of a file of several networks, this one")
    which.add_argument("--signature", metavar="NAME", help="the same, by the name of its signature")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    return parser.parse_args(arguments)


def run(arguments: list[str] | None = None) -> int:
    options = parse(arguments)
    taken = options.subgraph if options.signature is None else options.signature
    try:
        found = survey(cli.read_file(options.model), options.model.stem, taken)
    except ModelError as error:
        raise cli.InputError(f"{options.model.name}: {error}") from None
    value = value_of(found, options.model.stem)
    if options.json:
        print(json.dumps(value, indent=1))
    else:
        _print(value)
    return cli.PROVED if found.refusal is None else cli.BAD_INPUT


def value_of(found: Survey, name: str) -> dict[str, Any]:
    """The table as plain values."""
    graph, refusal = found.graph, found.refusal
    graphs = () if graph is None else tuple(dict.fromkeys((graph, upright(graph))))
    message = None if refusal is None else str(refusal)
    return {
        "model": name,
        "supported": refusal is None,
        "refusal": message,
        "notes": list(found.model.notes if graph is None else graph.notes),
        "operators": [_operator(found, operator, graphs) for operator in found.model.operators],
    }


def _operator(found: Survey, operator: RawOperator, graphs: Sequence[Graph]) -> dict[str, Any]:
    tensors, node = found.model.tensors, graphs[0].by_index.get(operator.index) if graphs else None
    ends = {
        end: [list(tensors[key].shape) for key in keys if 0 <= key < len(tensors)]
        for end, keys in (("inputs", operator.inputs), ("outputs", operator.outputs))
    }
    first = next((tensors[key].name for key in operator.outputs if 0 <= key < len(tensors)), "")
    value: dict[str, Any] = {"index": operator.index, "operator": operator.kind, "name": first, **ends}
    if node is None:
        return value | _without_node(found, operator.index) | {"streams": None, "kernels": None}
    streams = best_streaming(graphs, node)
    value |= {"status": YES, "note": None, "streams": asdict(streams) | {"text": streams.text}}
    return value | {"kernels": kernels_by_target(node)}


def _without_node(found: Survey, index: int) -> dict[str, Any]:
    """Status and note of an operator that no kernel computes."""
    note = found.gone[index]
    refused = found.refusal is not None and any(index == obstacle.index for obstacle in found.refusal.obstacles)
    status = NO if refused else UNKNOWN if note in (FOLLOWS, UNSEEN) else GONE
    return {"status": status, "note": note}


def _print(value: dict[str, Any]) -> None:
    out = console(highlight=False)
    out = out if out.is_terminal else Console(width=WIDE, highlight=False)
    operators, names = value["operators"], [PORTABLE, *(name for name in targets() if name != PORTABLE)]
    refused = sum(row["status"] == NO for row in operators)
    count = f"{len(operators)} operators, " + (f"{refused} of them not supported" if refused else "all supported")
    out.print(Text(f"{value['model']}: {count}", style="bold"))
    table = Table(box=None, pad_edge=False)
    table.add_column("op", justify="right")
    for column in ("operator", "operands", "result", "status", "streams", *names):
        table.add_column(column, overflow="fold")
    reasons = list(dict.fromkeys(row["note"] for row in operators if row["status"] == NO))
    for row in operators:
        table.add_row(*map(Text, _cells(row, reasons, names)), style="red" if row["status"] == NO else None)
    out.print(table)
    for number, reason in enumerate(reasons, 1):
        out.print(Text(f"no ({number}): {reason}"))
    for note in value["notes"]:
        out.print(Text(f"note: {note}"))
    if value["refusal"] is not None:
        out.print(Text(f"refused: {value['refusal']}", style="bold red"))


def _cells(row: dict[str, Any], reasons: Sequence[str], names: Sequence[str]) -> list[str]:
    shapes = [", ".join(_extent(shape) for shape in row[end]) for end in ("inputs", "outputs")]
    status, note = row["status"], row["note"]
    if note is not None:
        status = f"no ({1 + reasons.index(note)})" if status == NO else f"{status}: {note}"
    streams = row["streams"]["text"] if row["streams"] else ""
    kernels = [_called(row["kernels"][name]) if row["kernels"] else "" for name in names]
    return [str(row["index"]), row["operator"], *shapes, status, streams, *kernels]


def _extent(shape: Sequence[int]) -> str:
    return "x".join(map(str, shape)) or "scalar"


def _called(kernel: str | None) -> str:
    """A kernel's name without what all names begin with."""
    return "none" if kernel is None else kernel.removeprefix("stj_")


def main() -> int:
    return cli.command(run)
