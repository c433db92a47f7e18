"""Camera lines to rows, and rows through the FIFO: against the twin in numpy and a model of the FIFO in Python.

The C runs under sanitizers, with interrupts at every barrier of the main loop's functions.
"""

import struct
import subprocess
from pathlib import Path

import numpy as np
import pytest

from embedded.tools.board import EMBEDDED
from embedded.tools.camera import BAYER, FORMATS, GREY8, YUYV, Camera, grey_of, to_lines, to_rows
from export.c.emit import emit
from export.projects.pixels import stored_table
from export.sources import kernel_files
from tests.clip.test_per_frame import head
from tests.embedded.feed_harness import (
    EARLY,
    HERE,
    INCLUDE,
    NO_BARRIER,
    OVERRUN,
    REASONS,
    WARNINGS,
    Event,
    Model,
    ints,
    run,
    script,
)
from tests.embedded.feed_streams import random_camera, random_frame, random_tables, split, stream
from tests.embedded.firmware_harness import needs_device
from tests.random_models import Net
from verify.clip import per_frame
from verify.graph.graph import Graph
from verify.graph.tensor import DType
from verify.plan.request import Request
from verify.plan.search import make_plan
from verify.proof.check import check
from verify.proof.evaluate import evaluate, evaluate_stream

STREAMS = 1000


# --- Pixels -----------------------------------------------------------------------------------------------------------


def test_every_format_gives_the_rows_of_the_twin() -> None:
    rng = np.random.default_rng(0)
    scripts, expected = [], []
    for kind in FORMATS:
        for channels in (1, 3):
            for _ in range(12):
                camera, tables = random_camera(rng, kind, channels), random_tables(rng)
                frame = random_frame(rng, camera)
                scripts.append(script(camera, tables, frame.tobytes()))
                rows = to_rows(camera, frame, tables)
                assert rows.shape == (camera.rows, camera.columns, channels)
                expected += [("K", struct.pack("<i", 0)), *(("R", row.tobytes()) for row in rows)]
    assert run(b"".join(scripts)) == expected


@pytest.mark.parametrize("kind", FORMATS)
def test_a_picture_comes_back_from_the_lines_of_every_format(kind: str) -> None:
    """As nearly as the format can hold it: patches of one colour each, so that Bayer's neighbours agree."""
    colours = np.random.default_rng(1).integers(0, 256, (3, 4, 3), np.uint8)
    picture = np.repeat(np.repeat(colours, 4, 0), 4, 1)
    identity = np.tile(np.arange(256, dtype=np.uint8), (3, 1))
    for channels in (1, 3):
        camera = Camera(kind, 16, 12, 2, 2, 4, 4, 3, channels)
        rows = to_rows(camera, to_lines(kind, picture), identity).astype(int)
        grey = grey_of(colours)[..., None]
        wanted = grey if channels == 1 else np.broadcast_to(grey, colours.shape) if kind == GREY8 else colours
        most = {GREY8: 0, "rgb565be": 8, "rgb565le": 8, YUYV: 5}.get(kind, 0)
        assert np.abs(rows - wanted.astype(int)).max() <= most


def test_the_formulas_at_corners_by_hand() -> None:
    identity = np.tile(np.arange(256, dtype=np.uint8), (3, 1))

    def colours(kind: str, *lines: list[int]) -> list[int]:
        first = int(kind in BAYER)
        frame = np.array(lines, np.uint8)
        camera = Camera(
            kind, frame.shape[1] // (1 if kind in (GREY8, *BAYER) else 2), len(frame), first, first, 1, 1, 1, 3
        )
        return to_rows(camera, frame, identity).ravel().tolist()

    assert colours("rgb565be", [0b10000_100, 0b001_00001]) == [132, 134, 8]
    assert colours("rgb565le", [0b001_00001, 0b10000_100]) == [132, 134, 8]
    assert colours("yuyv", [100, 228, 7, 28]) == [0, 137, 255]
    assert colours("rggb", [10, 21], [40, 99]) == [10, 31, 99]
    assert colours("bggr", [10, 21], [40, 99]) == [99, 31, 10]
    assert colours("grbg", [10, 21], [40, 99]) == [21, 55, 40]
    assert colours("gbrg", [10, 21], [40, 99]) == [40, 55, 21]


GOOD = Camera("rggb", 8, 7, 1, 1, 2, 3, 3, 3)
BAD = {
    "left of Bayer": {"left": 0},
    "top of Bayer": {"top": 0},
    "width": {"columns": 5},
    "height": {"rows": 4, "top": 2},
    "step": {"step": 0},
    "channels": {"channels": 2},
    "negative": {"format": GREY8, "left": -1},
    "YUYV": {"format": YUYV, "width": 7},
    "no columns": {"columns": 0},
    "too large": {"width": 32768},
}


@pytest.mark.parametrize("wrong", BAD.values(), ids=BAD)
def test_a_window_that_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    camera = Camera(**{**GOOD.__dict__, **wrong})  # type: ignore[arg-type]
    tables = np.zeros((3, 256), np.uint8)
    frame = np.zeros((GOOD.height, GOOD.line_bytes), np.uint8).tobytes()
    answers = run(script(GOOD, tables, frame) + script(camera, tables, b""))
    assert [ints(data)[0] for letter, data in answers if letter == "K"] == [0, -3]


def test_tables_are_quantization() -> None:
    def table(scale: float, zero_point: int, black: int, white: int) -> list[int]:
        found = stored_table(DType.INT8, float(np.float32(scale)), zero_point, (black, white))
        return found.view(np.int8).tolist()

    all_values = list(range(-128, 128))
    assert stored_table(DType.INT8).view(np.int8).tolist() == table(1 / 255, -128, 0, 1) == all_values
    assert stored_table(DType.UINT8).tolist() == list(range(256))
    assert [table(2 / 255, 0, -1, 1)[level] for level in (0, 127, 128, 255)] == [-127, 0, 0, 127]
    assert table(2, 0, -3, 252)[:7] == [-2, -1, -1, 0, 1, 1, 2]  # -1.5, -1, -0.5, ...: halves away from zero
    assert table(0.5, 3, -10, 245) == [min(max(2 * (level - 10) + 3, -128), 127) for level in range(256)]
    for scale, span in ((0.0, (0, 1)), (1.0, (1, 1))):
        with pytest.raises(ValueError, match="must be other than 0"):
            stored_table(DType.INT8, scale, 0, span)
    with pytest.raises(ValueError, match="type float32 has no table"):
        stored_table(DType.FLOAT32, 1.0, 0, (0, 1))


# --- Streams ----------------------------------------------------------------------------------------------------------


def random_stream(rng: np.random.Generator, interrupted: bool) -> tuple[Camera, np.ndarray, int, int, list[Event]]:
    camera = random_camera(rng, str(rng.choice(["grey8", "rggb", "rgb565be"])), 1, 5)
    events = stream(rng, camera, int(rng.integers(2, 7)), interrupted)
    return camera, random_tables(rng), int(rng.integers(1, 7)), int(rng.integers(0, 6)), events


def test_streams_with_faults_give_what_the_model_of_the_fifo_gives() -> None:
    rng = np.random.default_rng(2)
    streams = [random_stream(rng, interrupted=False) for _ in range(STREAMS // 2)]
    answers = split(run(b"".join(script(c, t, events, depth, ticks) for c, t, depth, ticks, events in streams)))
    reasons = np.zeros(len(REASONS), int)
    delivered = 0
    for (camera, tables, depth, ticks, events), found in zip(streams, answers, strict=True):
        model = Model(camera, tables, depth, ticks)
        assert found == model.run(events)
        delivered += sum(letter == "F" for letter, _ in found)
        reasons += model.dropped
    assert delivered > 300 and reasons.min() > 30  # every reason was there, and enough frames were not dropped


def test_streams_with_interrupts_anywhere_deliver_whole_frames_alone() -> None:
    """When an interrupt comes decides over overruns and nothing else: what has another fault is dropped for it."""
    rng = np.random.default_rng(3)
    streams = [random_stream(rng, interrupted=True) for _ in range(STREAMS // 2)]
    answers = split(run(b"".join(script(c, t, events, depth, ticks) for c, t, depth, ticks, events in streams)))
    overruns = 0
    for (camera, tables, _, _, events), found in zip(streams, answers, strict=True):
        endless = Model(camera, tables, 10**6, 0)  # without an overrun
        roomy = endless.run([event for event in events if event[0] != "W"] + [("W", 1, 0)] * 3000)
        sent = [data for letter, data in roomy if letter == "F"]
        frames = [data for letter, data in found if letter == "F"]
        rest = iter(sent)
        assert all(frame in rest for frame in frames)  # each is one that came whole, in their order, once
        *_, (_, last) = found
        whole, level, _, intact = ints(last)
        drops = [ints(data)[0] for letter, data in found if letter == "D"]
        assert (whole, level, intact) == (len(frames), 0, 1)
        assert whole + sum(drops) == len(sent) + sum(endless.dropped)
        assert all(drops[reason] <= endless.dropped[reason] for reason in range(OVERRUN + 1, EARLY + 1))
        assert sum(letter == "P" for letter, _ in found) == sum(drops)
        overruns += drops[OVERRUN]
    assert overruns > 100


def test_a_frame_behind_a_dropped_one_is_right() -> None:
    """A reset in the middle of the model's work, then a frame like any other."""
    camera = Camera(GREY8, 3, 4, 0, 0, 1, 3, 4, 1)
    tables = np.tile(np.arange(256, dtype=np.uint8), (3, 1))
    lines: list[Event] = [("L", y, bytes([y] * 3)) for y in range(4)]
    work: list[Event] = [("W", 1, NO_BARRIER)] * 3
    events: list[Event] = [("S",), *lines[:2], *work, ("S",), *lines, *work * 8]
    *answers, (_, last) = split(run(script(camera, tables, events, 4, 1)))[0]
    assert answers[0] == ("P", struct.pack("<i", -2))
    assert answers[1] == ("F", b"".join(bytes([y] * 3) for y in range(4)))
    assert ints(last) == [1, 0, 4, 1]


@pytest.mark.parametrize("at", [-16, -1, 24, 39])
def test_guard_words_tell_of_a_byte_outside_the_fifo(at: int) -> None:
    """Whose 4 * (3 + 2) bytes are three words of 8."""
    camera = Camera(GREY8, 3, 4, 0, 0, 1, 3, 4, 1)
    tables = np.zeros((3, 256), np.uint8)
    for events, intact in (([], 1), ([("B", at)], 0)):
        *_, (_, last) = split(run(script(camera, tables, events, 4, 1)))[0]
        assert ints(last)[-1] == intact


# --- Generated models -------------------------------------------------------------------------------------------------


def image_net() -> Graph:
    net = Net(7)
    x = net.conv(net.input(1, 9, 6, 3), 4, (3, 3), (2, 1), (1, 1))
    net.dense(net.mean(net.conv(x, 4, (3, 3), (1, 1), (1, 1))), 5)
    return net.graph()


def clip_net() -> Graph:
    net = Net(8)
    x = net.conv(net.input(4, 7, 5, 1), 3, (3, 3), (2, 1), (1, 1))
    return head(net, x, 4)


def generated(graph: Graph, folder: Path) -> Path:
    report, proved = check(graph, make_plan(graph, Request("stream")))
    assert proved, report.verdicts
    files = emit(proved)
    for name, text in {**kernel_files(files), **files}.items():
        (folder / name).write_text(text)
    return folder


@pytest.mark.parametrize("clip", [False, True], ids=["image", "clip"])
def test_a_generated_model_behind_the_feed_gives_the_references_results(clip: bool, tmp_path: Path) -> None:
    """Of the frames that came whole, and of clips in which the dropped ones never were."""
    rng = np.random.default_rng(4)
    whole = clip_net() if clip else image_net()
    graph = per_frame(whole) if clip else whole
    model, (_, rows, columns, channels) = generated(graph, tmp_path), graph.input_shapes[0]
    camera = Camera("rggb", 2 * columns + 3, 2 * rows + 2, 2, 1, 2, columns, rows, channels)
    tables, depth = random_tables(rng), 5 * rows
    events = stream(rng, camera, 24, interrupted=True)
    events += [("W", 9, NO_BARRIER)] * 24 * 40
    (found,) = split(run(script(camera, tables, events, depth), model))
    expected = Model(camera, tables, 10**6, 0)
    sent = [
        np.frombuffer(data, np.int8).reshape(graph.input_shapes[0])
        for letter, data in expected.run([event for event in events if event[0] != "W"] + [("W", 1, 0)] * 3000)
        if letter == "F"
    ]
    results = [data for letter, data in found if letter == "F"]
    assert len(sent) > 8 and len(results) == len(sent)
    assert [ints(data)[0] for letter, data in found if letter == "D"] == expected.dropped
    assert ints(found[-1][1])[3] == 1
    if clip:
        wanted = {n: outputs[0].tobytes() for n, outputs in evaluate_stream(whole, graph, [np.stack(sent)])}
        assert {n: data for n, data in enumerate(results) if data} == wanted and wanted
    else:
        assert results == [evaluate(graph, [frame])[0].tobytes() for frame in sent]


# --- As files ---------------------------------------------------------------------------------------------------------


def test_headers_are_taken_by_cpp_and_nothing_grows_without_debug(tmp_path: Path) -> None:
    program = tmp_path / "sketch.cpp"
    program.write_text(
        'extern "C" {\n#include "stand_in.h"\n}\n'
        '#include "stj_feed.h"\n#include "stj_guard.h"\n#include "stj_serial.h"\n'
        "STJ_FEED_NETWORK(stand_in);\n"
        "static uint64_t memory[STJ_GUARDED_WORDS(STJ_FEED_BYTES(4, 3))];\n"
        'static_assert(sizeof memory == 24, "as large as asked for");\n'
        "int main() { return stand_in_network.work != nullptr && stj_guard(memory, 3) == memory &&"
        " stj_guard_intact(memory, 3) ? 0 : 1; }\n"
    )
    for standard in ("c++11", "gnu++14", "c++20"):
        flags = (f"-std={standard}", "-funsigned-char", "-fsyntax-only", *WARNINGS, *INCLUDE, f"-I{HERE}")
        subprocess.run(["g++", *flags, str(program)], check=True)


def test_a_program_that_includes_the_feed_gets_its_files() -> None:
    found = kernel_files({"sketch.ino": '#include "stj_feed.h"\n'})
    assert {"stj_feed.h", "stj_feed.c", "stj_camera.h", "stj_camera.c", "stj_nn.h"} == set(found)


@needs_device
def test_a_device_compiler_has_nothing_to_say(tmp_path: Path) -> None:
    """Whose enumerations are as short as their values."""
    for source in sorted((EMBEDDED / "feed").glob("*.c")):
        flags = ("-mcpu=cortex-m0", "-mthumb", "-O2", "-std=c99", *WARNINGS, *INCLUDE)
        subprocess.run(["arm-none-eabi-gcc", *flags, "-c", str(source), "-o", str(tmp_path / "object.o")], check=True)
