"""What the command-line programs share: sizes like 128K, reading models, progress, errors as one line and an exit code.

Exit codes: 0 proved, 1 does not fit a budget, 2 bad input, 3 refuted or unknown.
"""

import argparse
import contextlib
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

import verify
from verify.clip import NotAClipError, by_call, per_frame
from verify.commands.errors import (
    BAD_INPUT,
    DOES_NOT_FIT,
    NOT_PROVED,
    PROVED,
    ArgumentsError,
    InputError,
    NotProvedError,
    Parser,
    command,
    guarded,
)
from verify.commands.files import FileError, place_of, read_at_most, write_file
from verify.commands.planned import as_planned
from verify.graph.graph import Graph
from verify.graph.plan import Plan
from verify.tflite import ModelError, read_model

__all__ = [
    "BAD_INPUT",
    "DOES_NOT_FIT",
    "NOT_PROVED",
    "PROVED",
    "ArgumentsError",
    "InputError",
    "NotProvedError",
    "Parser",
    "add_version",
    "check_targets",
    "command",
    "guarded",
    "load_model",
    "program_of",
    "progress",
    "read_file",
    "size",
    "write_beside",
]

MAX_FILE_BYTES = 1 << 30
MAX_SIZE = 1 << 40
"""The largest number in a plan file (verify.graph.plan_json)."""


def add_version(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--version", action="version", version=f"stjax {verify.__version__}")


def size(text: str) -> int:
    """Bytes from "131072", "128K" or "1M" (1024-based, as SRAM is sold)."""
    match = re.fullmatch(r"(\d{1,12})\s*(|[KMG])(?:i?B)?", text.strip(), re.IGNORECASE)
    if not match:
        raise argparse.ArgumentTypeError(f"{text!r} is not a size; write bytes, or a number with K or M: 128K")
    found = int(match[1]) << {"": 0, "K": 10, "M": 20, "G": 30}[match[2].upper()]
    if found > MAX_SIZE:
        raise argparse.ArgumentTypeError(f"{text!r} is more than any plan speaks of ({MAX_SIZE >> 30}G)")
    return found


def positive(text: str, what: str, example: str) -> float:
    """A number above 0 from "480M" (1000-based, unlike `size`); the error says that the text is no `what`."""
    factor = {"k": 1e3, "M": 1e6, "G": 1e9}.get(text[-1:], 1.0)
    try:
        found = float(text[:-1] if factor > 1 else text) * factor
    except ValueError:
        found = 0.0
    if not found > 0:
        raise argparse.ArgumentTypeError(f'"{text}" is no {what}; write {example}')
    return found


def read_file(path: Path) -> bytes:
    try:
        return read_at_most(path, MAX_FILE_BYTES)
    except FileError as error:
        raise InputError(str(error)) from None


def load_model(path: Path, taken: int | str = 0) -> Graph:
    """The model of a .tflite file: of several subgraphs number `taken`, or the one of the signature of that name.

    Raises:
      InputError: it cannot be read, or holds something that is not supported.
    """
    data = read_file(path)
    try:
        return read_model(data, path.stem, taken)
    except ModelError as error:
        refused = {"operators": [asdict(obstacle) for obstacle in error.obstacles]} if error.obstacles else {}
        raise InputError(f"{path.name}: {error}", **refused) from None


def program_of(graph: Graph, plan: Plan) -> Graph:
    """What a plan is about: the model, or its program of one frame or call, seen as it says (verify.commands.planned).

    Raises:
      InputError: the plan is for a program per frame, which this model does not have.
    """
    try:
        return as_planned(by_call(graph) if plan.clip_frames == 1 else per_frame(graph, plan.clip_frames), plan)
    except NotAClipError as error:
        raise InputError(
            f"the plan is for one frame of a clip, but {graph.name} has no such program: {error}"
        ) from None


def write_beside(path: Path, contents: str | bytes) -> None:
    """Writes a file whole or not at all: beside its place first, then renamed. Text becomes UTF-8.

    Raises:
      InputError: the folder does not exist, is not writable, the disk is full, or what stands there is no file.
    """
    try:
        write_file(path, contents)
    except FileError as error:
        raise InputError(str(error)) from None


def check_targets(*paths: Path | None) -> None:
    """Refuses files that could not be written in the end, before anything long is begun; None stands for no file.

    Raises:
      InputError: the folder of one does not exist, or what stands in its place is no regular file.
    """
    try:
        for path in paths:
            if path is not None:
                place_of(path)
    except FileError as error:
        raise InputError(str(error)) from None


@contextlib.contextmanager
def progress(label: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error while something long runs; silent where that is not a terminal."""
    err = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
