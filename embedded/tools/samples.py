"""Samples: .npz files and random numbers as lists of arrays, and their raw bytes as the firmware reads and writes them.

A list holds one array per input (or output) of the model; the first axis of every array counts samples, the others are
the model's own shape, its batch axis included. In a file the arrays are called in0, in1, ... and out0, out1, ...
"""

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from embedded.tools.board import FirmwareError
from embedded.tools.signature import TensorSpec
from verify.commands.files import FileError, place_of, write_file


def read_inputs(path: Path, specs: Sequence[TensorSpec]) -> list[np.ndarray]:
    """Reads in0, in1, ... from an .npz file.

    Raises:
      FirmwareError: if the file or an array is missing or superfluous, or a type, shape or number of samples is wrong.
    """
    inputs = read_arrays(path, len(specs))
    check_inputs(inputs, specs)
    return inputs


def read_arrays(path: Path, count: int) -> list[np.ndarray]:
    """The same, `count` arrays of any shape."""
    if not path.is_file():
        raise FirmwareError(f"input file {path} does not exist")
    try:
        # numpy would also read other formats, and would leave the file open when it fails.
        with zipfile.ZipFile(path) as archive:
            arrays = {member.removesuffix(".npy"): read_array(archive, member) for member in archive.namelist()}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise FirmwareError(f"input file {path} is not an .npz archive of plain arrays: {error}") from None
    names = [f"in{k}" for k in range(count)]
    if sorted(arrays) != sorted(names):
        found = ", ".join(sorted(arrays)) or "nothing"
        raise FirmwareError(f"input file {path} must hold exactly {', '.join(names)}; it holds {found}")
    return [arrays[name] for name in names]


def read_array(archive: zipfile.ZipFile, member: str) -> np.ndarray:
    with archive.open(member) as file:
        return np.lib.format.read_array(file, allow_pickle=False)


def check_inputs(inputs: Sequence[np.ndarray], specs: Sequence[TensorSpec]) -> None:
    """Raises FirmwareError unless these arrays can be the model's inputs, each with one leading samples axis."""
    if len(inputs) != len(specs):
        raise FirmwareError(f"the model has {len(specs)} inputs, {len(inputs)} were given")
    for k, (array, spec) in enumerate(zip(inputs, specs, strict=True)):
        if array.dtype != spec.dtype:
            raise FirmwareError(f"in{k} has type {array.dtype}, but the model's input {k} has type {spec.dtype.name}")
        if array.shape == spec.shape:
            raise FirmwareError(
                f"in{k} has shape {list(array.shape)}, which is one sample: it needs a leading samples axis, "
                f"{['samples', *spec.shape]} (numpy: in{k}[None])".replace("'", "")
            )
        if array.shape[1:] != spec.shape or array.ndim != len(spec.shape) + 1:
            expected = str(["samples", *spec.shape]).replace("'", "")
            raise FirmwareError(f"in{k} has shape {list(array.shape)}, but {expected} is needed")
    counts = {len(array) for array in inputs}
    if len(counts) != 1 or 0 in counts:
        raise FirmwareError(f"every input needs the same number of samples, at least 1; found {sorted(counts)}")


def random_inputs(specs: Sequence[TensorSpec], samples: int, seed: int) -> list[np.ndarray]:
    """The same samples for the same seed: integers over their whole range, floats from a normal distribution."""
    if samples < 1:
        raise FirmwareError(f"samples (={samples}) must be at least 1")
    rng = np.random.default_rng(seed)
    return [random_array(rng, (samples, *spec.shape), spec.dtype) for spec in specs]


def random_array(rng: np.random.Generator, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    if dtype.kind == "f":
        return rng.standard_normal(shape).astype(dtype)
    if dtype.kind == "b":
        return rng.integers(0, 2, shape).astype(dtype)
    limits = np.iinfo(dtype)
    return rng.integers(limits.min, limits.max, shape, dtype=dtype, endpoint=True)


def pack(inputs: Sequence[np.ndarray]) -> bytes:
    """Raw bytes: sample by sample, all inputs of a sample one after the other, little-endian."""
    parts = [array.astype(array.dtype.newbyteorder("<"), order="C", copy=False) for array in inputs]
    return b"".join(part[sample].tobytes() for sample in range(len(parts[0])) for part in parts)


def unpack(data: bytes, specs: Sequence[TensorSpec], samples: int) -> list[np.ndarray]:
    """The reverse of `pack`, for outputs.

    Raises:
      FirmwareError: if there are not `samples` samples.
    """
    sample_bytes = sum(spec.size_bytes for spec in specs)
    if len(data) != samples * sample_bytes:
        raise FirmwareError(f"{len(data)} bytes of output, expected {samples} samples of {sample_bytes}")
    table = np.frombuffer(data, np.uint8).reshape(samples, sample_bytes)
    outputs = []
    start = 0
    for spec in specs:
        raw = np.ascontiguousarray(table[:, start : start + spec.size_bytes])
        outputs.append(raw.view(spec.dtype.newbyteorder("<")).astype(spec.dtype).reshape(samples, *spec.shape))
        start += spec.size_bytes
    return outputs


def check_output_path(path: Path) -> None:
    """Raises FirmwareError when an output file cannot be meant or made, before any long work."""
    if path.suffix != ".npz":
        raise FirmwareError(f"output file {path} must end in .npz")
    try:
        place_of(path)
    except FileError as error:
        raise FirmwareError(f"output file {error}") from None


def write_outputs(path: Path, outputs: Sequence[np.ndarray]) -> None:
    """Writes out0, out1, ...; the file appears whole or not at all.

    Raises:
      FirmwareError: it cannot be written.
    """
    archive = io.BytesIO()
    np.savez(archive, **{f"out{k}": array for k, array in enumerate(outputs)})  # pyright: ignore[reportArgumentType]
    try:
        write_file(path, archive.getvalue())
    except FileError as error:
        raise FirmwareError(f"output file {error}") from None
