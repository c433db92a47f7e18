"""What an architecture costs, before anything is trained: its plan depends on shapes only."""
# pyright: reportMissingImports=false

from pathlib import Path

import jax

from experiments.search.budget import Costs
from experiments.search.space import Candidate
from stjax.assess.device import macs, program_or_clip, prove
from stjax.assess.int8 import untrained
from stjax.assess.remembered import remembered
from verify.report.summary import plan_value
from verify.targets.registry import PORTABLE

CALIBRATION = 2
"""Clips of noise that fix the scales; their values do not matter."""


def costs(candidate: Candidate, folder: Path, target: str = PORTABLE, scheme: str = "stream") -> Costs:
    """Traced, exported with random weights, planned and proved; what was found before for the same architecture, with
    the same code, is found again in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{candidate.name}.json"
    return Costs(**remembered(path, f"{candidate}, {target}, {scheme}", lambda: _costs(candidate, target, scheme)))


def _costs(candidate: Candidate, target: str, scheme: str) -> dict[str, float | int | str]:
    contents, variables = untrained(candidate.network, CALIBRATION)
    program, problem = program_or_clip(contents)
    if problem:
        return {"problem": problem}
    proved = prove(program, target=target, scheme=scheme)
    value = plan_value(proved.graph, proved.plan)
    return {
        "sram": proved.plan.sram_bytes,
        "instructions": float(value["instructions_estimated"]),
        "flash": value["flash_bytes"]["weights"],
        "macs": macs(proved.graph),
        "parameters": sum(leaf.size for leaf in jax.tree.leaves(variables["params"])),
        "peak": value["peak"].get("label", ""),
    }
