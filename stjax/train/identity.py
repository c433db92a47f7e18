"""What decides the result of a run, as text: two runs with another one are two runs, and do not share a folder."""
# pyright: reportMissingImports=false

import dataclasses
import functools
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from types import CodeType, FunctionType
from typing import Any

import jax
import numpy as np

from stjax.data.clips import ClipSource
from stjax.data.datasets import Splits
from stjax.train.config import TrainConfig

LOOKED_AT = 64
"""Clips of a source of which frames are looked at, spread evenly."""


def identity(config: TrainConfig) -> str:
    """What a config says about the result, one field per line. Bookkeeping and folders are left out."""
    dataset = dataclasses.replace(config.dataset, manual_dir=None, data_dir=None)
    values = {
        f.name: getattr(config, f.name) for f in dataclasses.fields(config) if not f.metadata.get("bookkeeping", False)
    }
    return "".join(f"{name} = {described(value)}\n" for name, value in (values | {"dataset": dataset}).items())


def identity_of_run(
    config: TrainConfig,
    data: Splits,
    transform: Callable[..., Any] | None = None,
    wrap: Callable[..., Any] | None = None,
    initial: Mapping[str, Any] | None = None,
) -> str:
    """The same with what is not in the config: the clips themselves, and how the network is changed and begun."""
    lines = [f"{name} = {fingerprint(getattr(data, name))}\n" for name in ("train", "validation", "test")]
    given = {"transform": transform, "wrap": wrap}
    lines += [f"{name} = {described(value)}\n" for name, value in given.items() if value is not None]
    if initial is not None:
        lines.append(f"initial = {_digest(initial)}\n")
    return identity(config) + "".join(lines)


def fingerprint(source: ClipSource) -> str:
    """A digest of clips, wherever they lie: of all lengths and labels, those of frames included, and of the first, the
    middle and the last frame of up to LOOKED_AT clips."""
    lengths, labels = ([get(k) for k in range(len(source))] for get in (source.length, source.label))
    chosen = np.unique(np.linspace(0, len(source) - 1, min(LOOKED_AT, len(source))).astype(int)).tolist()
    frames = [source.read(k, np.unique([0, lengths[k] // 2, lengths[k] - 1])) for k in chosen]
    of_frames = [found for k in range(len(source)) if (found := source.frame_labels(k)) is not None]
    return _digest([source.classes, repr(source.symmetry), np.array(lengths), np.array(labels), *of_frames, *frames])


def described(value: Any, depth: int = 4) -> str:
    """A function by its name, its code's constants and what it closes over; anything else as it shows itself.

    Arrays are shown by a digest, and what lies deeper than `depth` functions by its type.
    """
    if depth == 0:
        return type(value).__name__
    again = functools.partial(described, depth=depth - 1)
    if isinstance(value, functools.partial):
        given = [*map(again, value.args), *(f"{k}={again(v)}" for k, v in value.keywords.items())]
        return f"{again(value.func)}({', '.join(given)})"
    if isinstance(value, FunctionType):
        held = [again(cell.cell_contents) for cell in value.__closure__ or ()] + [*map(again, value.__defaults__ or ())]
        return f"{value.__module__}.{value.__qualname__} {_code(value.__code__)} [{', '.join(held)}]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name}: {again(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, np.ndarray | jax.Array):
        return _digest(value)
    return _text(value)


def _code(code: CodeType) -> str:
    """What a function's code names and holds; its instructions are another with every Python."""
    inner = [_code(value) for value in code.co_consts if isinstance(value, CodeType)]
    values = [repr(value) for value in code.co_consts if not isinstance(value, CodeType)]
    return hashlib.sha256(repr((code.co_names, values, inner)).encode()).hexdigest()[:12]


def _text(value: Any) -> str:
    # Functions in a module's fields are shown with their address, which changes from run to run.
    return re.sub(r" at 0x[0-9a-f]+", "", " ".join(repr(value).split()))


def _digest(values: Any) -> str:
    """Of arrays, with their names, shapes and types, in any nesting of sequences and mappings."""
    found = hashlib.sha256()

    def add(value: Any) -> None:
        if isinstance(value, Mapping):
            for key in sorted(value):
                found.update(repr(key).encode())
                add(value[key])
        elif isinstance(value, Sequence) and not isinstance(value, str):
            found.update(str(len(value)).encode())
            for item in value:
                add(item)
        elif isinstance(value, str):
            found.update(value.encode())
        else:
            array = np.ascontiguousarray(value)
            found.update(repr((array.shape, array.dtype.str)).encode())
            found.update(array.view(np.uint8) if array.size else b"")

    add(values)
    return found.hexdigest()[:16]
