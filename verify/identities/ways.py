"""Other ways than row by row to give a model its frames: chunks, rows and work apart, frames that do not come to their
end, repeated and partly changed frames, early exits.

A frame that resembles the one before has bytes of the same content: what is computed from nothing but such bytes has
the name that it had in the frame before.
"""

import ctypes
import mmap
import random
from collections.abc import Mapping

import numpy as np

from verify.graph.graph import Graph
from verify.graph.plan import Plan
from verify.identities.apart import apart
from verify.identities.facts import Row, fault_of_padding
from verify.identities.machine import Machine
from verify.identities.text import FaultError, Text, built

FRAMES = 24
"""In random ways, after all delays have passed."""

ENDS_EARLY, GOES_ON, NEVER = 39, 40, 255
"""Margins: shim.c has the largest value 40 above the second."""


def fault_of_text(
    files: Mapping[str, str], graph: Graph, plan: Plan, early_exit: int | None = None, prefix: str = "stj_model"
) -> str | None:
    """What is wrong with generated C, driven in every way, whatever was seen first; None where all is right.

    Args:
      files: name -> text, what the emitter gave and the headers of the kernels that it calls.
      graph, plan: the model, and what the text was made for: its arena, kernels and step in time; no more is believed.
      early_exit: the output that may answer early, or None.
      prefix: with which the generated names begin.

    Raises:
      NoCompilerError: there is no C compiler here.
    """
    options = ()
    if early_exit is not None:
        tensor = graph.outputs[early_exit]
        values = graph.tensors[tensor].elements
        options = f"-DEXIT_OPERATOR={graph.producers[tensor].index}", f"-DEXIT_VALUES={values}"

    def fault() -> str | None:
        try:
            text = Text(library, graph, plan, prefix)
            if early_exit is not None:
                text.protect(mmap.PROT_READ | mmap.PROT_WRITE)
                ctypes.memset(text.base, 127, text.memory.bytes)
            if found := fault_of_padding(graph):
                return found
            text.every_frame()
            _in_other_ways(text, early_exit)
        except FaultError as error:
            return str(error)
        except (AttributeError, ValueError, LookupError, ArithmeticError) as error:
            return f"the generated C lacks what its callers need, or its tables make no sense: {error}"
        return None

    try:
        library = built(files, prefix, options)
    except FaultError as error:
        return str(error)
    return apart(fault)


def _in_other_ways(text: Text, early_exit: int | None) -> None:
    """Begun twice (an image: often), each frame in a way of its own."""
    choose = random.Random(1)
    clip = text.graph.goes_on
    for time in range(2 if clip else 6):
        text.begin(again=time == 1)
        for _ in range(text.graph.warm_up + text.facts.kept + FRAMES if clip else 1):
            _any_frame(text, early_exit, choose)


def _any_frame(text: Text, early_exit: int | None, choose: random.Random) -> None:
    text.next_frame()
    early, ways = (
        False,
        ["rows", "frame"] + ["margin"] * 2 * (early_exit is not None) + ["apart"] * 2 * text.has("work"),
    )
    if text.since > 0:
        ways += ["repeat"] * text.has("repeat_frame") + ["changed"] * 2 * text.has("push_frame_rows")
    match choose.choice(ways):
        case "repeat":
            text.machine.name(resembling(text.machine, 1, 0, 0))
            text.do("repeat_frame")
        case "changed":
            first, last = sorted(choose.choices(range(text.rows[0] + 1), k=2))
            text.machine.name(resembling(text.machine, text.rows[0], first, last))
            text.do("push_frame_rows", text.inputs[0], first, last)
        case "frame" if text.has("push_frame") and len(text.inputs) == 1:
            text.do("push_frame", text.inputs[0])
        case "apart":
            if choose.random() < 0.5:
                _rows_and_work(text, choose, choose.randrange(sum(text.rows)))
                text.call("drop_frame")
            _rows_and_work(text, choose)
        case "margin":
            margin = choose.choice((ENDS_EARLY, GOES_ON, NEVER))
            early = margin == ENDS_EARLY and text.has_result
            text.push(choose.choice((1, 3, 2**31 - 1)), "_until", (margin,))
        case _:
            text.push(choose.choice((1, 3, 5, 2**31 - 1)))
    if early_exit is not None:
        text.require(text.call("left_early") == early, "it ends early where it should not, or the other way round")
    text.check(early_exit if early else None)


def _rows_and_work(text: Text, choose: random.Random, most: int | None = None) -> None:
    """A frame of which rows are taken and work is done in turn; of `most` rows, not all of their work."""
    for k in text.order:
        for y in range(text.rows[k]):
            if most == 0:
                text.call("work", choose.choice((0, 1, 3)))
                return
            most = None if most is None else most - 1
            while text.call("work", choose.choice((1, 2, 5))):
                pass
            text.do("take_row", k, text.inputs[k] + y * (text.bytes[k] // text.rows[k]))
            done = text.graph.clip_frames == 1 and text.output(0) is not None
            text.require(not done, "an output is ready before its work is done")
    while text.call("work", 1):
        pass


def resembling(machine: Machine, rows: int, first: int, last: int) -> np.ndarray:
    """Names of this frame's bytes, if of `rows` rows of its inputs only [first, last) differ from the frame before."""
    facts, now = machine.facts, machine.frame
    names = machine.names[now % facts.kept].copy()
    before = machine.names_of(now - 1)
    for row in facts.inputs:
        kept = np.ones(rows, bool)
        kept[first:last] = False
        _keep(names, before, (row[0], rows, 1, row[1] * row[2] * row[3] // rows), kept)
    for _, operand, operand_end, result, result_end in facts.nodes:
        stays = np.ones(facts.results[result][1], bool)
        for row in facts.operands[operand:operand_end]:
            for frame in range(now - row[5], now + 1) if row[7] else (now - row[5],):
                ours = names if frame == now else machine.names_of(frame)
                stays &= _stays(row, ours == machine.names_of(frame - 1), len(stays))
        for shape in facts.results[result:result_end]:
            if shape[1] > 0:  # not of working memory, which nothing stays in
                _keep(names, before, shape, stays)
    return names


def _stays(row: Row, same: np.ndarray, results: int) -> np.ndarray:
    """Per row of the results, whether all rows of the operand that it reads are the same."""
    _, first, rows, width, pixel, _, _, slots, _, taps, stride, dilation, before, upsample, short = row[:15]
    if slots:
        return np.full(results, same[first : first + pixel].all())
    whole = same[first : first + rows * width * pixel].reshape(rows, -1).all(1)
    changed = np.concatenate([[0], np.cumsum(~whole)])
    start = (np.arange(results) * stride - before) // upsample
    low = np.clip(start, 0, rows) if taps else np.zeros(results, int)
    end = (np.arange(results) * stride - before - short) // upsample + (taps - 1) * dilation + 1
    high = np.clip(end, low, rows) if taps else np.full(results, rows)
    return changed[high] == changed[low]


def _keep(names: np.ndarray, before: np.ndarray, shape: Row, rows: np.ndarray) -> None:
    first, count, width, pixel = shape
    part = slice(first, first + count * width * pixel)
    names[part].reshape(count, -1)[rows] = before[part].reshape(count, -1)[rows]
