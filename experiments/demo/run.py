"""The demonstration's steps. Planner and firmware are run as the commands that a user types, in processes of their own.

A model, its plan and its firmware meet here only through files and JSON; what the reference computes is found by other
code than the firmware's, TensorFlow Lite Micro's own where it is installed.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from verify.graph.graph import Graph
from verify.proof.evaluate import evaluate
from verify.tflite import read_model

ROOT = Path(__file__).resolve().parent.parent.parent
ZOO_MODEL = Path("mcunet_zoo") / "mcunet-5fps_vww.tflite"
GOLDEN = ROOT / "tests" / "data"


class StepError(Exception):
    """A step of the demonstration failed; it has said why on stderr."""


@dataclass(frozen=True)
class Demonstration:
    """What all steps found out.

    Args:
      model: name of the model, and `model_bytes` the size of its file.
      plan: the planner's JSON object (`python -m verify.plan --json`).
      firmware: the firmware run's JSON object (`python -m embedded.tools run --json`).
      reference: what the output was compared with.
      outputs: how many output values there are, and how many of them are `different`.
    """

    model: str
    model_bytes: int
    plan: dict[str, Any]
    firmware: dict[str, Any]
    reference: str
    outputs: int
    different: int


def demonstrate(
    model: Path | None, sram: str | None, board: str, folder: Path, say: Callable[[str], None]
) -> Demonstration:
    """Runs all steps.

    Args:
      model: a .tflite; None for the third-party one if it is there, and else for the one that the project makes.
      sram: budget for the planner, or None for the plan of least SRAM.
      board: where to run.
      folder: an empty folder for plan, input and output.
      say: told what is being done, before each step.

    Raises:
      StepError: if a command failed: the model is not supported, the plan not proved, a tool missing.
    """
    path = (model or default_model(folder, say)).resolve()
    contents = path.read_bytes()
    graph = read_model(contents, path.stem)
    inputs = choose_inputs(contents, graph)
    samples: dict[str, Any] = {f"in{k}": array[None] for k, array in enumerate(inputs)}
    np.savez(folder / "input.npz", **samples)

    plan_file = folder / "plan.json"
    say(f"searching a streaming plan for {path.name} and proving it")
    budget = ["--sram", sram] if sram else []
    plan = run_json("verify.plan", str(path), *budget, "--json", "-o", str(plan_file))

    say(f"emitting C for the proved plan, compiling it for {board} and running one inference")
    files = ["--input", str(folder / "input.npz"), "--output", str(folder / "output.npz")]
    options = ["--model", str(path), "--plan", str(plan_file), "--board", board, *files]
    firmware = run_json("embedded.tools", "run", "--json", *options)
    with np.load(folder / "output.npz") as archive:
        got = [archive[f"out{k}"][0] for k in range(len(graph.outputs))]

    say("computing the same inference with the reference")
    reference, expected = reference_outputs(contents, graph, inputs)
    different = sum(int(np.count_nonzero(a != b)) for a, b in zip(got, expected, strict=True))
    outputs = sum(array.size for array in expected)
    return Demonstration(path.stem, len(contents), plan, firmware, reference, outputs, different)


def default_model(folder: Path, say: Callable[[str], None]) -> Path:
    """The third-party model if the folder of models has it, else the project's own, made into `folder`."""
    models = Path(os.environ.get("STJAX_MODELS", ROOT.parent / "shared" / "models"))
    if (models / ZOO_MODEL).is_file():
        return models / ZOO_MODEL
    say(f"{ZOO_MODEL.name} is not here; making the project's own model")
    made = folder / "demo_model.tflite"
    run_command("experiments.demo_model", "-o", str(made))
    return made


def run_command(module: str, *arguments: str) -> str:
    """What `python -m module arguments` prints on stdout; its stderr passes through."""
    command = [sys.executable, "-m", module, *arguments]
    result = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    if result.returncode:
        raise StepError(
            f"python -m {module} {' '.join(arguments)} ended with status {result.returncode}\n{result.stdout}"
        )
    return result.stdout


def run_json(module: str, *arguments: str) -> dict[str, Any]:
    return json.loads(run_command(module, *arguments))


def choose_inputs(contents: bytes, graph: Graph) -> list[np.ndarray]:
    """One sample: the first golden one for the committed model, seeded noise over the whole range for any other."""
    if is_golden(contents):
        return [np.load(GOLDEN / "demo_model.npz")["inputs"][0]]
    generator = np.random.default_rng(0)
    arrays = []
    for key, shape in zip(graph.inputs, graph.input_shapes, strict=True):
        limits = np.iinfo(graph.tensors[key].dtype.numpy)
        arrays.append(generator.integers(limits.min, limits.max, shape, limits.dtype, endpoint=True))
    return arrays


def is_golden(contents: bytes) -> bool:
    """Whether this is the model whose expected outputs are committed."""
    return contents == (GOLDEN / "demo_model.tflite").read_bytes()


def reference_outputs(contents: bytes, graph: Graph, inputs: Sequence[np.ndarray]) -> tuple[str, list[np.ndarray]]:
    """The best reference at hand, by name, and its outputs."""
    try:
        from tflite_micro.python.tflite_micro import runtime  # pyright: ignore[reportMissingImports]
    except ImportError:
        if is_golden(contents):
            golden = np.load(GOLDEN / "demo_model.npz")
            return f"the committed outputs of {golden['source']}", [golden["outputs"][0]]
        return "the operators' Python references (tflite_micro is not installed)", evaluate(graph, inputs)

    interpreter = runtime.Interpreter.from_bytes(contents)
    for k, array in enumerate(inputs):
        interpreter.set_input(array, k)
    interpreter.invoke()
    outputs = [interpreter.get_output(k) for k in range(len(graph.outputs))]
    return f"TensorFlow Lite Micro (tflite_micro {metadata.version('tflite_micro')})", outputs
