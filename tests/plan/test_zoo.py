"""The MCUNet zoo: proved plans without recomputation, far below StreamNet's memory, and the paper's padding refuted."""

import json
from pathlib import Path
from typing import Any

import pytest

from verify.graph.graph import Graph
from verify.graph.plan import InputMode
from verify.plan.request import Patches, Request
from verify.plan.search import make_plan
from verify.proof.check import check
from verify.proof.verdict import Refuted
from verify.tflite import read_model

NAMES = ("MB2", "PL", "MI0", "MI1", "MI2", "MI3", "MI4", "MV0", "MV1", "MV2")
SHARE = 0.45
"""Of the SRAM that StreamNet-2D's Table 1 prints, in KiB."""


def load(models_dir: Path, name: str) -> tuple[Graph, dict[str, Any]]:
    """A network of the zoo and the paper's figures for it."""
    table = json.loads((models_dir.parent / "tables" / "streamnet_tables.json").read_text())["models"][name]
    path = models_dir / "mcunet_zoo" / f"{table['zoo']}.tflite"
    return read_model(path.read_bytes(), path.stem), table


@pytest.mark.parametrize("name", NAMES)
def test_a_proved_plan_takes_at_most_a_share_of_streamnet(models_dir: Path, name: str) -> None:
    graph, table = load(models_dir, name)
    plan = make_plan(graph, Request("auto", InputMode.ROWS))
    report, proved = check(graph, plan)
    assert proved is not None, report.verdicts
    assert plan.sram_bytes <= SHARE * table["table1"]["sn2d"]["mem"] * 1024
    firings = [firing for stage in plan.stages for firing in stage.firings]
    assert sorted(firing.op for firing in firings) == [node.index for node in graph.nodes]
    # With no demand, C1 says that each pixel is computed once: no work is done twice.
    assert not any(firing.demand for firing in firings)


@pytest.mark.parametrize(("name", "scheme"), [("MV0", "patch"), ("MI0", "stream-1d")])
def test_the_papers_padding_is_refuted_and_the_exact_one_proved(models_dir: Path, name: str, scheme: str) -> None:
    graph, table = load(models_dir, name)
    n_patch, split = table["table2"]["n_patch"], table["table2"]["split_idx"]
    exact = make_plan(graph, Request(scheme, InputMode.PATCHES, patches=Patches(n_patch, split)))
    report, proved = check(graph, exact)
    assert proved is not None, report.verdicts
    paper = make_plan(graph, Request(scheme, InputMode.PATCHES, patches=Patches(n_patch, split, pads_ends=True)))
    report, proved = check(graph, paper)
    refuted = [verdict for verdict in report.verdicts.values() if isinstance(verdict, Refuted)]
    assert proved is None and len(refuted) == 1
    assert f"of {n_patch} along " in refuted[0].counterexample and "reads " in refuted[0].counterexample
    assert "pads only in the first and the last patch" in refuted[0].counterexample
