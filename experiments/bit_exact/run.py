"""Plans, proves, emits, builds and runs one model under one scheme on one board, and compares it with the oracles.

Oracles: TensorFlow Lite Micro where it is installed and runs the model, and the recorded outputs of LiteRT's reference
kernels (`golden/*.npz`), which agree with TFLM except in FULLY_CONNECTED (one rounding instead of two).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from embedded.tools.firmware import build, run
from export.__main__ import write_folder
from export.c.emit import emit
from verify.clip import NotAClipError, by_call
from verify.commands.check import random_inputs
from verify.commands.planned import as_planned
from verify.graph.graph import Graph
from verify.graph.plan import InputMode, Plan
from verify.plan.bursts import searched
from verify.plan.request import Request
from verify.proof.check import ProvedPlan, check
from verify.proof.evaluate import evaluate_calls
from verify.targets.registry import PORTABLE
from verify.tflite import ModelError, read_model
from verify.tflm.run import TflmError, TflmRun, run_tflm

SETTINGS = {
    "portable": (("layer", "host"), ("stream", "host"), ("auto", "host"), ("stream", "mps2-an500")),
    "cortex-m-dsp": (("stream", "host"), ("stream", "mps2-an386"), ("stream", "mps2-an500"), ("auto", "mps2-an500")),
    "cortex-m-mve": (("stream", "mps3-an547"), ("auto", "mps3-an547")),
}
"""Schemes and boards by target: this computer, Cortex-M4, M7 and M55."""

CALLS = 30
"""Of a model with states, whose outputs depend on earlier calls too, at least so many are compared, also on emulated
boards, and two more than are kept."""

SLOW_MACS = 15_000_000
"""Models of more multiply-accumulates run with the portable kernels on the host only, unless --all is given."""


@dataclass(frozen=True, eq=False)
class Case:
    """One model with its inputs and what the oracles answer, [samples, ...] each.

    `golden` is None without a file, `tflm` where it does not run the model, for the reason `tflm_problem`; `reference`
    is the answer of this project's own references, which other tests hold against both.
    """

    path: Path
    graph: Graph
    inputs: list[np.ndarray]
    golden: list[np.ndarray] | None
    tflm: TflmRun | None
    tflm_problem: str
    reference: list[np.ndarray]


@dataclass(frozen=True)
class Row:
    """One line of the table. Bytes; `wrong` counts output bytes that differ, None where that oracle has no answer.

    `problems` says where the firmware breaks what its plan proved, its stack reserve among others; only devices are
    judged. `notes` are the reader's: what it took for granted.
    """

    model: str
    target: str
    scheme: str
    board: str
    sram_bytes: int
    stack_reserve: int
    stack_measured: int | None
    wrong_tflm: int | None
    wrong_golden: int | None
    wrong_reference: int
    output_bytes: int
    tflm_arena_bytes: int | None
    instructions: int | None
    problems: tuple[str, ...]
    notes: tuple[str, ...]


def find_models(folder: Path) -> list[Path]:
    """Zoo, corpus, derived models, single operators and users' situations below the folder of shared models."""
    places = ("mcunet_zoo", "corpus", "corpus/derived", "corpus/ops", "field")
    return [path for place in places for path in sorted((folder / place).glob("*.tflite"))]


def load(path: Path, samples: int) -> Case | str:
    """The model with its oracles' answers, or why it is not supported."""
    try:
        model = read_model(path.read_bytes(), path.stem)
        graph = by_call(model)
    except (ModelError, NotAClipError) as error:
        return str(error)
    if model.stateful:
        samples = max(samples, CALLS, *(2 + graph.kept_frames(tensor) for tensor in graph.tensors))
    golden_inputs, golden = _golden(path, graph, samples)
    inputs = golden_inputs or [np.stack(column) for column in zip(*_seeded(graph, samples), strict=True)]
    if model.stateful and len(inputs[0]) < samples:  # the recorded calls are the first ones
        more = [np.stack(column) for column in zip(*_seeded(graph, samples - len(inputs[0])), strict=True)]
        inputs = [np.concatenate(pair) for pair in zip(inputs, more, strict=True)]
    tflm, problem = None, ""
    try:
        tflm = run_tflm(path, inputs)
    except TflmError as error:
        problem = str(error)
    answers = list(evaluate_calls(model, [list(sample) for sample in zip(*inputs, strict=True)]))
    reference = [np.stack(column) for column in zip(*answers, strict=True)]
    return Case(path, graph, inputs, golden, tflm, problem, reference)


def _seeded(graph: Graph, samples: int) -> Iterator[list[np.ndarray]]:
    return (random_inputs(graph, seed) for seed in range(samples))


def _golden(path: Path, graph: Graph, samples: int) -> tuple[list[np.ndarray], list[np.ndarray] | None]:
    """Recorded inputs and LiteRT's outputs, [samples, ...] each; empty and None where there are none."""
    folder = path.parent.parent / "golden" / "ops" if path.parent.name == "ops" else path.parent / "golden"
    file = folder / f"{path.stem}.npz"
    if not file.exists():
        return [], None
    with np.load(file) as arrays:
        count = sum(name.endswith("_in0") for name in arrays.files)
        chosen = range(min(count, samples))
        inputs = [np.stack([arrays[f"s{s}_in{k}"] for s in chosen]) for k in range(len(graph.inputs))]
        if "s0_ref_out0" not in arrays.files:  # TFLM's are recorded there, which is asked itself.
            return inputs, None
        outputs = [np.stack([arrays[f"s{s}_ref_out{k}"] for s in chosen]) for k in range(len(graph.outputs))]
    return inputs, outputs


def plans(case: Case, target: str) -> list[Plan]:
    """Layer by layer, by rows, and by rows and columns if that is another one; the input is pushed by rows."""
    layer, stream, auto = (
        searched(case.graph, Request(scheme, InputMode.ROWS, target=target))[1]
        for scheme in ("layer", "stream", "auto")
    )
    known = any(auto == replace(plan, scheme=auto.scheme) for plan in (layer, stream))
    return [layer, stream] if known else [layer, stream, auto]


def prove(case: Case, plan: Plan) -> ProvedPlan:
    """The plan, proved.

    Raises:
      AssertionError: the checker did not prove what the planner made.
    """
    report, proved = check(as_planned(case.graph, plan), plan)
    assert proved is not None, f"{case.path.stem}, {plan.scheme}: {report.verdicts}"
    return proved


def run_model(path: Path, targets: Sequence[str], samples: int, slow_too: bool, work: Path) -> list[Row] | str:
    """The rows of one model in all settings of these targets, or why the model is refused.

    Large models are run with the portable kernels on the host only, unless `slow_too`.
    """
    case = load(path, samples)
    if isinstance(case, str):
        return case
    slow = not slow_too and sum(node.macs for node in case.graph.nodes) > SLOW_MACS
    rows = []
    for target in targets:
        for plan in plans(case, target):
            boards = [board for scheme, board in SETTINGS[target] if scheme == plan.scheme]
            boards = [board for board in boards if board == "host" or target != PORTABLE or not slow]
            proved = prove(case, plan) if boards else None
            for board in boards:
                assert proved is not None
                rows.append(measure(case, proved, board, work, samples if board == "host" else 1))
    return rows


def measure(case: Case, proved: ProvedPlan, board: str, work: Path, samples: int, sanitize: bool = False) -> Row:
    """Builds and runs the plan's firmware, and compares its outputs bit for bit."""
    name = f"{case.path.stem}-{proved.plan.target}-{proved.plan.scheme}"
    write_folder(work / name / "gen", emit(proved))
    firmware = build(work / name / "gen", board, work / name / board, sanitize)
    inputs = case.inputs if case.graph.goes_on else [array[:samples] for array in case.inputs]
    result = run(firmware, inputs, stream=case.graph.goes_on)
    return Row(
        model=case.path.stem,
        target=proved.plan.target,
        scheme=proved.plan.scheme,
        board=board,
        sram_bytes=proved.plan.sram_bytes,
        stack_reserve=proved.plan.stack_bytes,
        stack_measured=result.sram.stack,
        wrong_tflm=_wrong(result.outputs, case.tflm.outputs if case.tflm else None),
        wrong_golden=_wrong(result.outputs, case.golden),
        wrong_reference=_wrong(result.outputs, case.reference) or 0,
        output_bytes=sum(array.nbytes for array in result.outputs),
        tflm_arena_bytes=case.tflm.arena_bytes if case.tflm else None,
        instructions=max(result.instructions) if result.instructions else None,
        problems=result.problems,
        notes=case.graph.notes,
    )


def _wrong(outputs: list[np.ndarray], expected: list[np.ndarray] | None) -> int | None:
    """Bytes of the outputs that differ."""
    if expected is None:
        return None
    pairs = [(o[: len(e)], np.asarray(e)[: len(o)]) for o, e in zip(outputs, expected, strict=True)]
    return sum(int(np.sum(o.reshape(-1).view(np.uint8) != e.reshape(-1).view(np.uint8))) for o, e in pairs)
