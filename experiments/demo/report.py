"""The demonstration's result as text."""

from typing import Any

from embedded.tools.report import number, table
from experiments.demo.run import Demonstration
from verify.graph.sram import sram_rows
from verify.proof.claims import CLAIMS

Row = tuple[str, str, str]


def text(result: Demonstration) -> str:
    """All figures, one per line: name, value, note."""
    rows = [
        ("model", result.model, f"{number(result.model_bytes)} bytes of .tflite"),
        *memory_rows(result.plan),
        *claim_rows(result.plan),
        *firmware_rows(result.firmware),
        *output_rows(result),
    ]
    return "\n".join([table(rows), *(f"FAILED: {problem}" for problem in problems(result))])


def succeeded(result: Demonstration) -> bool:
    return not problems(result)


def problems(result: Demonstration) -> list[str]:
    """What makes the demonstration fail, one sentence each; none is expected."""
    found = list(result.firmware["problems"])
    if result.plan["verdict"] != "proved":
        found.append(f"the plan is not proved: its verdict is {result.plan['verdict']}")
    if result.different:
        found.append(f"{result.different} of {result.outputs} output values differ from {result.reference}")
    return found


def memory_rows(plan: dict[str, Any]) -> list[Row]:
    sram, layerwise = plan["sram_bytes"], plan["layerwise_bytes"]
    bound, macs = plan["lower_bound_bytes"], plan["macs"]
    more = macs - plan["macs_layerwise"]
    share = f"{100 * sram['total'] / layerwise:.1f} % of layer-wise; the input arrives as {plan['input']}"
    notes = {"arena": f"live elements for this order: {number(bound)}", "stack": "reserve"}
    return [
        ("SRAM", "bytes", ""),
        ("  layer-wise peak", number(layerwise), "one operator at a time, every tensor whole"),
        ("  plan's peak", number(sram["total"]), share),
        *((f"    {name}", number(size), note) for name, size, note in sram_rows(sram, notes)),
        ("MACs", number(macs), f"{number(more)} more than layer-wise" if more else "none computed twice"),
    ]


def claim_rows(plan: dict[str, Any]) -> list[Row]:
    verdicts = [(claim, verdict, CLAIMS[claim]) for claim, verdict in plan["claims"].items()]
    rows = [(f"  {claim} {title}", verdict, sentence) for claim, verdict, (title, sentence) in verdicts]
    return [("claims", plan["verdict"], f"found and proved in {plan['seconds']:.1f} s"), *rows]


def firmware_rows(firmware: dict[str, Any]) -> list[Row]:
    sram, flash, counts = firmware["sram_bytes"], firmware["flash_bytes"], firmware["instructions"]
    run = f"SRAM as run; {number(sram['stack'])} of it stack" if sram["total"] else "of devices only"
    return [
        ("firmware", "bytes", f"{firmware['title']}, {firmware['options']}"),
        ("  weights", number(flash["weights"]), "flash"),
        ("  code", number(flash["code"]), "flash: kernels, generated code, library routines"),
        ("  working memory", number(sram["total"]), run),
        ("instructions", number(max(counts)) if counts else "n/a", "executed for one inference, exact count"),
    ]


def output_rows(result: Demonstration) -> list[Row]:
    equal = result.outputs - result.different
    verdict = "equal" if not result.different else "DIFFERENT"
    return [("output", verdict, f"{equal} of {result.outputs} values bit for bit those of {result.reference}")]
