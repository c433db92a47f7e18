"""`python -m verify.tflm MODEL.tflite --emit OUT.tflite`, also `verify.plan --emit-tflm`: plans TFLM's arena."""

import argparse
import json
from pathlib import Path
from typing import Any

from verify.commands import cli
from verify.commands.tflm_check import print_tflm, prove, tflm_value
from verify.report.tables import console
from verify.tflite import ModelError
from verify.tflite.schema import parse
from verify.tflm.execution import read_execution
from verify.tflm.metadata import read_arena_plan, write_arena_plan
from verify.tflm.plan import plan_arena


def run(options: argparse.Namespace, output: Path) -> int:
    """Plans the arena of TensorFlow Lite Micro, and writes the model with that plan to `output` if it is proved."""
    cli.check_targets(output)
    data = cli.read_file(options.model)
    try:
        model = parse(data)
        execution = read_execution(model)
        plan, peak, bound = plan_arena(execution)
        written = write_arena_plan(data, len(model.tensors), plan)
        # What is proved is what stands in the file, read back.
        plan = read_arena_plan(written, parse(written))
    except ModelError as error:
        raise cli.InputError(f"{options.model.name}: {error}") from None
    # As with plans of ours, what is reported as the least budget is proved, too.
    report = prove(execution, plan, None if options.sram is None else max(peak, options.sram), options)
    too_small = options.sram is not None and peak > options.sram
    value = tflm_value(execution, plan, report) | {"lower_bound_bytes": bound}
    if too_small:
        value |= {"verdict": "does not fit", "memory": "SRAM"}
        value |= {"budget_bytes": options.sram, "smallest_budget_bytes": peak}
    elif report.proved:
        cli.write_beside(output, written)
    if options.json:
        print(json.dumps(value, indent=1))
    else:
        print_emitted(options.model.name, value, options.sram, output)
    return cli.DOES_NOT_FIT if too_small else cli.PROVED if report.proved else cli.NOT_PROVED


def print_emitted(name: str, value: dict[str, Any], sram_bytes: int | None, output: Path) -> None:
    print_tflm(name, value, sram_bytes)
    out = console(highlight=False)
    bound, head = value["lower_bound_bytes"], value["head_bytes"]
    if head == bound:
        out.print(f"byte {head:,} is optimal: tensors alive together fill it, which no plan of this order can undercut")
    else:
        out.print(f"no plan of this order ends below byte {bound:,}; this one is {head / bound - 1:.1%} above that")
    if value["verdict"] == "does not fit":
        out.print(f"does not fit {sram_bytes:,} bytes; the least found is {head:,}; nothing was written")
    elif value["verdict"] == "proved":
        out.print(f"wrote {output}", markup=False)
