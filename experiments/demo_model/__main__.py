"""Writes the demonstration model: python -m experiments.demo_model -o model.tflite"""

import argparse
import os
from importlib import metadata
from pathlib import Path

import numpy as np

from experiments.demo_model.inputs import golden_inputs


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m experiments.demo_model", description=__doc__)
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="write the model here")
    parser.add_argument("--golden", type=Path, metavar="FOLDER", help="write model, inputs and expected outputs here")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    if not (arguments.output or arguments.golden):
        parser.error("one of --output and --golden is needed")

    # TensorFlow greets on stderr; this has to be said before it is imported.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    try:
        from experiments.demo_model import model
    except ModuleNotFoundError as error:
        parser.exit(2, f"error: {error.name} is not installed; `make setup-train` installs it\n")

    print("demo model: building and quantizing")
    contents = model.make(arguments.seed)
    if arguments.output:
        _write(arguments.output, contents)
    if arguments.golden:
        _write(arguments.golden / "demo_model.tflite", contents)
        _write_expected(arguments.golden / "demo_model.npz", contents)


def _write(path: Path, contents: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(contents)
    print(f"demo model: wrote {path}, {len(contents)} bytes")


def _write_expected(path: Path, contents: bytes) -> None:
    """Seeded inputs, and what TensorFlow Lite Micro's reference kernels make of them."""
    from tflite_micro.python.tflite_micro import runtime  # pyright: ignore[reportMissingImports]

    inputs = golden_inputs(seed=1)
    outputs = []
    for image in inputs:
        interpreter = runtime.Interpreter.from_bytes(contents)
        interpreter.set_input(image, 0)
        interpreter.invoke()
        outputs.append(interpreter.get_output(0))
    source = f"tflite_micro {metadata.version('tflite_micro')}"
    np.savez_compressed(path, inputs=inputs, outputs=np.stack(outputs), source=source)
    print(f"demo model: wrote {path}, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
