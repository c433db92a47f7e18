"""Nobody looked is Unknown: what a proof builds on has no default answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pytest

from tests.random_models import Net
from verify.graph.graph import Graph, Node
from verify.ops.arithmetic import Intermediate, Stored, intermediate
from verify.ops.base import CountsNoMacs, Defaults, MovesOnly, PadsNothing
from verify.ops.defaults import MUST_ANSWER
from verify.ops.elementwise import Pointwise
from verify.ops.registry import operators
from verify.ops.rows import as_rows
from verify.plan.request import Request
from verify.plan.search import make_plan
from verify.proof.check import check
from verify.proof.verdict import Refuted, Unknown, Verdict
from verify.targets.call import Field
from verify.targets.portable.base import Portable
from verify.targets.registry import PORTABLE, target_named

SLOPE = 2**25
SHAPE = (1, 4, 4, 2)


@dataclass(frozen=True)
class Prelu(Pointwise):
    """x where x >= 0, SLOPE * x elsewhere: a product that leaves int32. It has no `kind`, as a mixin has none."""

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        x = as_rows(inputs[0], rows).astype(np.int64)
        return (np.clip(np.where(x < 0, SLOPE * x, x), -128, 127).astype(np.int8),)


@dataclass(frozen=True)
class Answering(Prelu):
    """The same with its product stated."""

    kind: ClassVar[str] = "PRELU"

    def intermediates(self, operands: Sequence[Stored]) -> tuple[Intermediate, ...]:
        return (intermediate("product", SLOPE * operands[0][0], 0),)


@dataclass(frozen=True)
class Silent(Answering):
    """The same with nothing stated, and no word that there is nothing to state."""

    kind: ClassVar[str] = "PRELU"

    def intermediates(self, operands: Sequence[Stored]) -> tuple[Intermediate, ...]:
        return ()


class PreluKernel(Portable[Prelu]):
    """A kernel in name, so that plans can be judged."""

    name = "stj_stand_in_s8"
    operator = Prelu
    params_type = "stj_stand_in_params"

    def stack_bytes(self, tile: bool) -> int:
        return 0

    def params(self, node: Node) -> Mapping[str, Field]:
        return {"slope": SLOPE}


@pytest.fixture(autouse=True)
def with_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    portable = target_named(PORTABLE)
    more = replace(portable, kernels=(*portable.kernels, PreluKernel()))
    monkeypatch.setattr("verify.targets.registry._targets", lambda folders: {PORTABLE: more})


def verdicts(op: Prelu) -> dict[str, Verdict]:
    net = Net(1)
    net.pool("MAX_POOL_2D", net.input(*SHAPE), (1, 1), (1, 1))
    graph = net.graph()
    graph = with_op(graph, op)
    return check(graph, make_plan(graph, Request("layer")))[0].verdicts


def with_op(graph: Graph, op: object) -> Graph:
    return replace(graph, nodes=(replace(graph.nodes[0], op=op),))  # type: ignore[arg-type]


def test_an_operator_that_names_its_overflow_is_refuted() -> None:
    assert isinstance(verdicts(Answering(SHAPE))["C6"], Refuted)


@pytest.mark.parametrize("op", [Prelu(SHAPE), Silent(SHAPE)], ids=["no answer", "an empty answer"])
def test_an_operator_that_does_not_is_never_proved(op: Prelu) -> None:
    if not hasattr(op, "kind"):
        object.__setattr__(op, "kind", "PRELU")
    found = verdicts(op)
    assert all(isinstance(verdict, Unknown) for verdict in found.values()), found


@pytest.mark.parametrize("name", MUST_ANSWER)
def test_an_operator_class_that_forgets_a_question_cannot_be_made(name: str) -> None:
    answers = {key: value for mixin in (CountsNoMacs, MovesOnly, PadsNothing) for key, value in vars(mixin).items()}
    answers = {key: value for key, value in answers.items() if key in MUST_ANSWER}
    with pytest.raises(TypeError, match=f"does not answer {name};"):
        type("Forgetful", (Defaults,), {"kind": "X"} | {k: v for k, v in answers.items() if k != name})
    type("Complete", (Defaults,), {"kind": "X"} | answers)


def test_operators_that_compute_nothing_are_those_that_say_so() -> None:
    """A list to be changed on purpose only."""
    silent = {kind for kind, op in operators().items() if issubclass(op, MovesOnly)}
    known = """
        BATCH_TO_SPACE_ND BROADCAST_TO CONCATENATION DEPTH_TO_SPACE EXPAND_DIMS FILL GATHER
        GATHER_ND LOGICAL_AND LOGICAL_OR MAXIMUM MAX_POOL_2D MINIMUM MIRROR_PAD PACK PAD PADV2
        REDUCE_MAX REDUCE_MIN RESHAPE RESIZE_NEAREST_NEIGHBOR SELECT_V2 SHAPE SLICE
        SPACE_TO_BATCH_ND SPACE_TO_DEPTH SPLIT SPLIT_V SQUEEZE STRIDED_SLICE TRANSPOSE UNPACK
        ZEROS_LIKE
    """
    assert silent == set(known.split())
