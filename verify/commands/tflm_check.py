"""`python -m verify.tflm MODEL.tflite`, also `verify.check --tflm`: proves or refutes the arena plan in a .tflite."""

import argparse
import json
from pathlib import Path
from typing import Any

from verify.commands import cli, proving
from verify.proof.check import Report
from verify.report.names import thousands
from verify.report.summary import report_value
from verify.report.tables import console, print_report
from verify.solvers import SolverError
from verify.tflite import ModelError
from verify.tflite.schema import parse
from verify.tflm.arena_plan import ArenaPlan, Execution
from verify.tflm.execution import read_execution
from verify.tflm.metadata import read_arena_plan
from verify.tflm.proof import TFLM_CLAIMS, TflmLayout, check_tflm


def run(options: argparse.Namespace) -> int:
    execution, plan = load(options.model)
    report = prove(execution, plan, options.sram, options)
    value = tflm_value(execution, plan, report)
    if options.json:
        print(json.dumps(value, indent=1))
    else:
        print_tflm(options.model.name, value, options.sram)
    return cli.PROVED if report.proved else cli.NOT_PROVED


def load(path: Path) -> tuple[Execution, ArenaPlan]:
    """What a .tflite runs, and its arena plan.

    Raises:
      InputError: the file cannot be read or has no arena plan that makes sense.
    """
    data = cli.read_file(path)
    try:
        model = parse(data)
        return read_execution(model), read_arena_plan(data, model)
    except ModelError as error:
        raise cli.InputError(f"{path.name}: {error}") from None


def prove(execution: Execution, plan: ArenaPlan, sram_bytes: int | None, options: argparse.Namespace) -> Report:
    """Proves or refutes as `options` ask.

    Raises:
      InputError: a solver is not installed.
    """
    try:
        with cli.progress("proving") as progress:
            return check_tflm(execution, plan, sram_bytes, proving.milliseconds(options), progress, options.solver)
    except SolverError as error:
        raise cli.InputError(str(error)) from None


def tflm_value(execution: Execution, plan: ArenaPlan, report: Report) -> dict[str, Any]:
    """A report about an arena plan as an object. `head_bytes` is the end of the highest planned tensor."""
    layout = TflmLayout(execution, plan)
    return report_value(report) | {
        "head_bytes": max((tensor.end for tensor in layout.placed.values()), default=0),
        "planned_tensors": len(layout.placed),
        "not_covered": [
            {"tensor": left.index, "name": left.name, "bytes": left.size_bytes} for left in layout.uncovered
        ],
    }


def print_tflm(name: str, value: dict[str, Any], sram_bytes: int | None) -> None:
    out = console(highlight=False)
    tensors = value["planned_tensors"]
    out.print(
        f"{name}: {tensors} tensors planned, the highest ends at byte {thousands(value['head_bytes'])}", markup=False
    )
    print_report(out, value, TFLM_CLAIMS)
    if sram_bytes is None:
        out.print("C5 budget is not claimed: no --sram was given")
