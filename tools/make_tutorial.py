"""Writes docs/tutorial.ipynb, its cells executed:   python -m tools.make_tutorial -o docs/tutorial.ipynb

The cells are here, where they can be reviewed and formatted; the notebook is what comes out.
"""
# pyright: reportMissingImports=false
# The type checker runs without the training packages.

import argparse
import os
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode, v4

TIMEOUT_S = 600
"""For one cell."""

INTRODUCTION = """\
# From a layer to a microcontroller

A small video network, from its first layer to firmware that runs it frame by frame, every number compared on the way.
It takes about a minute. `make setup-train` installs what it needs; for the emulated microcontroller, Debian's
`gcc-arm-none-eabi` and `qemu-system-arm` have to be there, otherwise the firmware runs on this computer."""

# Prose, then code: one step each.
STEPS = (
    (
        """\
## A layer has two faces

`TemporalConv` weighs each channel at each position over the last T frames. Its *clip* face takes a whole clip, `time
height width channels`. It does not pad (`time="valid"`), so six frames give the three results whose four frames are all
there.""",
        """\
import sys
from pathlib import Path

import jax
import numpy as np

sys.path.insert(0, str(Path.cwd().parent))  # the repository's root, seen from docs/
import stjax

layer = stjax.nn.TemporalConv(frames=4, multiplier=2, time="valid")
clip = np.random.default_rng(0).normal(size=(6, 5, 5, 3)).astype(np.float32)
variables = layer.init(jax.random.key(0), clip)
whole = layer.apply(variables, clip)
whole.shape""",
    ),
    (
        """\
Its *step* face takes one frame and a state, and gives the next state and one result, with the same parameters. The
state holds the last three frames; the first three results come before the window is full.""",
        """\
state = layer.init_state(clip.shape[1:])
results = []
for frame in clip:
    state, result = layer.apply(variables, state, frame, method="step")
    results.append(result)

streamed = np.stack(results[layer.warmup_frames :])
np.testing.assert_allclose(streamed, whole, rtol=1e-5, atol=1e-5)
state.frames.shape, streamed.shape""",
    ),
    (
        """\
## A network of your own

Layers in a row are a network, and have both faces again. This one does as StreamTinyNet does: a small convolutional
network on each frame, the last T results combined by such a layer, and a classifier. (`stjax.models` has networks by
name; `python -m stjax.assess my_module:model` takes yours as it takes those.)""",
        """\
from stjax.nn import Conv, Dense, Flatten, InvertedResidual, Sequential, TemporalConv

FRAMES, FRAME = 4, (16, 16, 1)
model = Sequential(
    [
        Conv(8, 3, stride=2, activation="relu6", name="stem"),
        InvertedResidual(16, 3, stride=2, expansion=4, activation="relu6", name="block"),
        TemporalConv(FRAMES, 2, time="valid", activation="relu", name="temporal"),
        Flatten(name="flatten"),
        Dense(32, activation="relu", name="hidden"),
        Dense(6, name="logits"),
    ]
)
model.warmup_frames, model.output_shape(FRAME)""",
    ),
    (
        """\
What it costs is counted from its trace. A streamed frame goes through the spatial part once; a clip of four goes
through it four times.""",
        """\
step, whole = stjax.cost.step_cost(model, FRAME), stjax.cost.clip_cost(model, (FRAMES, *FRAME))
macs_of_clip = {layer.name: layer.macs for layer in whole.layers}
print(f"{'layer':18}{'output':>14}{'parameters':>12}{'MACs/frame':>12}{'MACs/clip':>11}")
for layer in step.layers:
    shape = "x".join(map(str, layer.output_shape))
    print(f"{layer.name:18}{shape:>14}{layer.parameters:12,}{layer.macs:12,}{macs_of_clip[layer.name]:11,}")
print(f"{'total':32}{step.parameters:12,}{step.macs:12,}{whole.macs:11,}")""",
    ),
    (
        """\
## Training

`moving_shapes` is generated video: opposite motions show the same frames in another order, so a single frame cannot
tell them apart. Flips and reversals change the label with the picture.""",
        """\
from stjax.data import Augment, Batches, ClipWindow, DatasetConfig, MovingShapesConfig, PipelineConfig, Splits
from stjax.data.moving_shapes import CLASSES, generate

shapes = MovingShapesConfig(side=16, frames=4, train=2400, validation=60, test=300)
splits = Splits(*(generate(shapes, split) for split in ("train", "validation", "test")))
augment = Augment(horizontal_flip=True, vertical_flip=True, reverse=True)
pipeline = PipelineConfig(ClipWindow(FRAMES), batch_size=48, augment=augment)
CLASSES""",
    ),
    (
        """\
A few epochs are enough to see it learn; chance is one sixth. (`experiments/demo_video` trains a larger network on
larger clips.)""",
        """\
import tempfile

from stjax.train import OptimizerConfig, TrainConfig, train_and_evaluate

folder = tempfile.TemporaryDirectory(prefix="stjax-tutorial-")
work = Path(folder.name)
dataset = DatasetConfig("moving_shapes", shapes=shapes)
training = TrainConfig(model, dataset, pipeline, OptimizerConfig(learning_rate=5e-3), epochs=16)
trained = train_and_evaluate(training, work / "training", data=splits, show=False)
for epoch in trained.history[3::4]:
    print(f"epoch {epoch['epoch'] + 1:2}  training loss {epoch['train_loss']:.2f}")
print(f"{trained.test.accuracy:.2f} of the test clips right")""",
    ),
    (
        """\
## Training for few bits

Rounded to 4 bits after training, weights lose what they learned. Quantization-aware training rounds them all along, and
lets gradients through: two more epochs, from the weights above and the ranges that results have on some clips.""",
        """\
from stjax.data import to_real
from stjax.quant import QuantConfig, learned, observe, quantization_aware, with_results
from stjax.train import evaluate

examples = Batches(splits.train, pipeline)
calibration = [to_real(examples.example(number)[0]) for number in range(48)]
quant = QuantConfig(weight_bits=4)
rounded = observe(model, trained.variables, calibration, quant)
tuning = TrainConfig(model, dataset, pipeline, OptimizerConfig(learning_rate=1e-3), epochs=2)
aware = train_and_evaluate(
    tuning, work / "tuning", data=splits, wrap=quantization_aware(quant), initial=rounded, show=False
)
after = evaluate(training, rounded, splits.test, wrap=quantization_aware(quant))
print(f"weights of 4 bits: {after.accuracy:.2f} rounded, {aware.test.accuracy:.2f} trained with rounding")""",
    ),
    (
        """\
## Int8

`to_tflite` gives an int8 model of the whole clip, on the grids that training found; for a network trained in float,
some clips of the training set fix them. A pixel p is p / 255 for training and the byte p - 128 for the model.""",
        """\
from export.tflite import to_tflite

found = learned(aware.variables, quant)
contents = to_tflite(
    with_results(model), found.variables, calibration[0], calibration, grids=found.grids, weight_bits=found.weight_bits
)
print(f"{len(contents):,} bytes")""",
    ),
    (
        """\
## A program of one frame, proved

From here on nothing knows JAX: the file is read as any other `.tflite`. `per_frame` finds the time axis and derives the
program of one frame, `make_plan` streams it through as little memory as it can, and `check`, which does not trust the
planner, proves the plan. SRAM below is everything: the arena with four feature maps, state, stack.""",
        """\
from verify.clip import per_frame
from verify.plan.search import make_plan
from verify.proof.check import check
from verify.proof.claims import CLAIMS, title
from verify.tflite import read_model

clip_model = read_model(contents, "tutorial")
program = per_frame(clip_model)
report, proved = check(program, make_plan(program))
for claim, verdict in report.verdicts.items():
    print(f"{title(claim):16} {type(verdict).__name__.lower()}  {CLAIMS[claim][1]}")
print(f"SRAM for a frame {proved.plan.sram_bytes:,} bytes; for the whole clip {make_plan(clip_model).sram_bytes:,}")""",
    ),
    (
        """\
## Firmware

Only a proved plan can be emitted. The C needs a few calls: `stj_model_begin` once, then for every frame
`stj_model_push_frame` and `stj_model_output`. `stj_model_repeat_frame` saves the work for a frame that has not
changed.""",
        """\
from export.__main__ import write_folder
from export.c.emit import emit

files = emit(proved)
write_folder(work / "generated", files)
for line in files["stj_model.h"].splitlines():
    if line.startswith(("#define STJ_MODEL_SRAM_BYTES", "stj_status", "const void")):
        print(line)""",
    ),
    (
        """\
Sixty test clips one after the other make one stream of 240 frames. Built for an emulated Cortex-M7, the firmware takes
them frame by frame; after every fourth, the window holds exactly one clip.""",
        """\
import shutil

from embedded.tools.firmware import build, run
from stjax.data import to_int8

tests = Batches(splits.test, pipeline)
clips = to_int8(np.stack([tests.example(number)[0] for number in range(60)]))
board = "mps2-an500" if shutil.which("arm-none-eabi-gcc") and shutil.which("qemu-system-arm") else "host"
device = run(build(work / "generated", board, work / board), [clips.reshape(-1, 1, *FRAME)])
answers = device.outputs[0].reshape(len(clips), FRAMES, -1)[:, -1]
print(f"{device.board.title}: {len(device.problems)} problems, answers {answers.shape}")
if device.sram.total:
    print(f"SRAM measured {device.sram.total:,} bytes, proved {device.proved.sram.total:,}")
if device.instructions:
    print(f"{device.instructions[-1]:,} instructions per frame")""",
    ),
    (
        """\
## The same bits

The clip model, run whole on each clip by TensorFlow Lite Micro, is the reference (where TFLM is not installed, the
operators' Python definitions are). The float network, the int8 clip model and the firmware agree as follows.""",
        """\
from stjax.assess.device import clip_answers

reference, expected = clip_answers(contents, clips)
labels = np.array([tests.example(number)[1] for number in range(len(clips))])
logits, _ = stjax.nn.apply_batch(model, trained.variables, (clips + 128.0).astype(np.float32) / 255)
print(f"reference: {reference}")
print(f"{(answers != expected).sum()} of {expected.size} bytes of the firmware differ from the clip model's")
for what, found in (("float", logits[:, 0]), ("int8 clip model", expected), ("firmware", answers)):
    print(f"{what:16} {(np.argmax(found, -1) == labels).mean():.2f} of these clips right")""",
    ),
)


def notebook() -> NotebookNode:
    """The notebook, not executed."""
    cells: list[Any] = [v4.new_markdown_cell(INTRODUCTION, id="introduction")]
    for number, (prose, code) in enumerate(STEPS, 1):
        cells.append(v4.new_markdown_cell(prose, id=f"prose-{number}"))
        cells.append(v4.new_code_cell(code, id=f"code-{number}"))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return v4.new_notebook(cells=cells, metadata={"kernelspec": kernel, "language_info": {"name": "python"}})


def execute(tutorial: NotebookNode, folder: Path) -> NotebookNode:
    """Runs all cells, as if the notebook lay in `folder`.

    Raises:
      CellExecutionError: if a cell fails.
    """
    client = NotebookClient(
        tutorial, timeout=TIMEOUT_S, resources={"metadata": {"path": str(folder)}}, record_timing=False
    )
    # TensorFlow greets on stderr, in terms of the machine.
    client.execute(env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"})
    for cell in tutorial.cells:
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]
    tutorial.metadata["language_info"] = {"name": "python"}  # without the version of this interpreter
    return tutorial


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.make_tutorial", description=__doc__)
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE", help="in docs/")
    output = parser.parse_args().output
    tutorial = execute(notebook(), output.parent)
    nbformat.validate(tutorial)
    output.write_text(nbformat.writes(tutorial) + "\n")
    print(f"wrote {output}, {output.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
