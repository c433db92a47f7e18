"""The ten networks of the MCUNet zoo: proved streaming plans without recomputation, far below StreamNet's memory."""

import json
from pathlib import Path

import pytest

from verify.graph.plan import InputMode
from verify.plan.search import make_plan
from verify.proof.check import check
from verify.tflite import read_model

NAMES = ("MB2", "PL", "MI0", "MI1", "MI2", "MI3", "MI4", "MV0", "MV1", "MV2")
SHARE = 0.6
"""Of the SRAM that StreamNet-2D's Table 1 prints, in KiB."""


@pytest.mark.parametrize("name", NAMES)
def test_a_proved_plan_takes_at_most_a_share_of_streamnet(models_dir: Path, name: str) -> None:
    table = json.loads((models_dir.parent / "tables" / "streamnet_tables.json").read_text())["models"][name]
    path = models_dir / "mcunet_zoo" / f"{table['zoo']}.tflite"
    graph = read_model(path.read_bytes(), path.stem)
    plan = make_plan(graph, "stream", InputMode.ROWS)
    report, proved = check(graph, plan)
    assert proved is not None, report.verdicts
    assert plan.sram_bytes <= SHARE * table["table1"]["sn2d"]["mem"] * 1024
    fired = [firing.op for stage in plan.stages for firing in stage.firings]
    assert sorted(fired) == [node.index for node in graph.nodes]  # C1 says each row once: no work is done twice
