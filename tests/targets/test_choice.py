"""Which kernel a plan names: plan files of version 2 name none and get the portable ones, newer ones must name each."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from export import __main__ as export_main
from tests.random_models import Net
from verify.commands import cli
from verify.graph.graph import Graph
from verify.graph.plan import Firing, InputMode, Plan
from verify.graph.plan_json import PlanError, plan_from_json, plan_to_json
from verify.plan.request import Request
from verify.plan.search import make_plan
from verify.proof.check import check
from verify.proof.verdict import Refuted
from verify.targets.choice import kernels_of, with_kernels
from verify.targets.registry import targets


@pytest.fixture(scope="module")
def graph() -> Graph:
    net = Net(3)
    x = net.conv(net.input(1, 6, 5, 2), 4, (3, 3), (1, 1), (1, 1))
    net.dense(net.mean(net.depthwise(x, (3, 3), (1, 1), (1, 1))), 3)
    return net.graph()


def as_version_2(text: str) -> dict[str, Any]:
    value = json.loads(text)
    value["version"] = 2
    del value["target"]
    for stage in value["stages"]:
        for firing in stage["firings"]:
            del firing["kernel"]
    return value


def test_a_file_of_version_2_is_for_the_portable_kernels(graph: Graph) -> None:
    plan = make_plan(graph, Request("stream"))
    old = plan_from_json(json.dumps(as_version_2(plan_to_json(plan))))
    assert {firing.kernel for stage in old.stages for firing in stage.firings} == {""}
    assert with_kernels(graph, old) == plan
    verdict = check(graph, old)[0].verdicts["C1"]
    assert isinstance(verdict, Refuted) and "names kernel 'none'" in verdict.counterexample


def test_a_file_of_version_2_is_exported_as_its_successor(tmp_path: Path) -> None:
    net = Net(3)
    net.conv(net.input(1, 6, 5, 2), 4, (3, 3), (1, 1), (1, 1))
    model = tmp_path / "model.tflite"
    model.write_bytes(net.bytes())
    new = plan_to_json(make_plan(cli.load_model(model), Request("layer")))
    for name, text in {"new": new, "old": json.dumps(as_version_2(new))}.items():
        (tmp_path / f"{name}.json").write_text(text)
        arguments = [str(model), "--plan", str(tmp_path / f"{name}.json"), "-o", str(tmp_path / name)]
        assert export_main.run(arguments) == cli.PROVED
    assert (tmp_path / "new/stj_model.c").read_text() == (tmp_path / "old/stj_model.c").read_text()


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("target", "portable", "plan has the unknown key 'target'"),
        ("kernel", "stj_conv_2d_s8", "has the unknown key 'kernel'"),
    ],
)
def test_version_2_has_neither_target_nor_kernel(graph: Graph, key: str, value: str, message: str) -> None:
    old = as_version_2(plan_to_json(make_plan(graph, Request("layer"))))
    (old if key == "target" else old["stages"][0]["firings"][0])[key] = value
    with pytest.raises(PlanError, match=message):
        plan_from_json(json.dumps(old))


@pytest.mark.parametrize("kernel", [None, "", 3])
def test_version_3_names_each_kernel(graph: Graph, kernel: object) -> None:
    value = json.loads(plan_to_json(make_plan(graph, Request("layer"))))
    firing = value["stages"][0]["firings"][0]
    firing |= {"kernel": kernel}
    if kernel is None:
        del firing["kernel"]
    with pytest.raises(PlanError, match=r"plan\.stages\[0\]\.firings\[0\]\.kernel"):
        plan_from_json(json.dumps(value))


def test_a_folder_is_a_target() -> None:
    assert list(targets()) == ["cortex-m-dsp", "cortex-m-mve", "portable"]


def test_nothing_is_read_behind_what_the_caller_lends() -> None:
    """A kernel that loads words of an image of three channels reads past its end; in the arena there is more."""
    net = Net(0)
    net.depthwise(net.input(1, 8, 9, 3), (3, 1), (1, 1), (1, 1))
    graph = net.graph()
    names = {}
    for mode in InputMode:
        plan = make_plan(graph, Request("stream", mode, target="cortex-m-dsp"))
        _, proved = check(graph, plan)
        assert proved is not None
        (kernel,) = kernels_of(graph, plan).values()
        past, names[mode] = kernel.reads_past(graph.nodes[0], 0), kernel.name
        assert (past > 0) == (mode is not InputMode.PATCHES)
        assert with_kernels(graph, without_names(plan)) == plan
    assert names[InputMode.PATCHES] != names[InputMode.ROWS] == names[InputMode.WHOLE]


def without_names(plan: Plan) -> Plan:
    def nameless(firing: Firing) -> Firing:
        return replace(firing, kernel="")

    return replace(plan, stages=tuple(replace(s, firings=tuple(map(nameless, s.firings))) for s in plan.stages))
