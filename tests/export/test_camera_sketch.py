"""The sketch CameraGesture: built by arduino-builder, run under QEMU with stand-ins for camera, or DCMI and DMA."""

import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from embedded.tools.camera import RGB565_BE, Camera, to_rows
from export.projects import kinds
from export.projects.camera import Place, view_of
from export.projects.pixels import stored_table
from export.projects.project import Project
from tests.embedded.test_feed import clip_net, image_net
from tests.export.test_project import compiled
from tests.export.test_projects import BOARDS, CPP, HERE, missing, platform, project_of, written
from tests.tiny_model import activation
from verify.clip import per_frame
from verify.graph.camera import Camera as PlannedCamera
from verify.graph.graph import Graph
from verify.graph.tensor import DType
from verify.plan.request import Request
from verify.proof.evaluate import evaluate, evaluate_stream

PICTURES, LOST = 7, 2
"""As in platform/.../libraries/Camera/src/picture.h."""


def pictures(project: Project) -> list[np.ndarray]:
    """What the network sees of the stand-in's pictures."""
    view, graph = view_of(project), project.proved.graph
    assert view is not None
    place, (*_, channels) = view.place, graph.input_shapes[0]
    number, y, k = np.ogrid[:PICTURES, : place.height, : 2 * place.width]
    raw = (7 * y + 3 * k + 11 * number + (y * k >> 4)).astype(np.uint8)
    size = (place.width, place.height, place.left, place.top, place.step, view.columns, view.rows, channels)
    tables = np.tile(stored_table(DType.INT8), (3, 1))
    return [
        to_rows(Camera(RGB565_BE, *size), frame, tables).view(np.int8).reshape(graph.input_shapes[0]) for frame in raw
    ]


def lines(model: Graph, project: Project, seen: list[np.ndarray], dropped: int) -> list[str]:
    """What the sketch says of these frames, milliseconds left out."""
    graph = project.proved.graph
    if model.clip_frames > 1 or graph.clip_frames > 1:
        results = [outputs[0] for _, outputs in evaluate_stream(model, graph, [np.stack(seen)])]
    else:
        results = [evaluate(graph, [frame])[0] for frame in seen]
    quantization = graph.tensors[graph.outputs[0]].quantization
    said = []
    for result in results:
        best = int(result.argmax())
        value = (int(result.ravel()[best]) - quantization.zero_point[0]) * quantization.scale[0]
        red, green, blue = (1 - ((best + 1) >> bit & 1) for bit in range(3))
        said.append(f"R{red} G{green} B{blue} class {best} value {value:.3f} milliseconds 0 dropped {dropped}")
    return said


@missing("arduino-builder", "arduino-ctags", "arm-none-eabi-g++", "qemu-system-arm")
@pytest.mark.parametrize(
    ("clip", "by_lines"), [(True, False), (False, True)], ids=["clip, frame buffer", "image, lines"]
)
def test_the_sketch_says_what_the_references_say(clip: bool, by_lines: bool, tmp_path: Path) -> None:
    model = clip_net() if clip else image_net()
    project = project_of(per_frame(model) if clip else model, Request("stream"))
    library = tmp_path / "libraries/StjModel"
    written(kinds()["arduino"], project, library)
    sketch, build = library / "examples/CameraGesture/CameraGesture.ino", tmp_path / "build"
    if by_lines:
        text = sketch.read_text()
        sketch.write_text(text.replace("/* #define CAMERA_LINES */", "#define CAMERA_LINES"))
        assert sketch.read_text() != text
    qemu = HERE / "platform/hardware/stjax/qemu"
    include = (f"-I{qemu}/cores/arduino", f"-I{qemu}/libraries/Camera/src", f"-I{library}/src", "-include", "Arduino.h")
    compiled("arm-none-eabi-g++", "-mcpu=cortex-m7", *CPP[1:], "-funsigned-char", *include, "-x", "c++", sketch)
    build.mkdir()
    places = ("-hardware", platform(tmp_path), "-tools", "/usr/bin", "-libraries", library.parent, "-build-path", build)
    compiled("arduino-builder", "-compile", *places, "-fqbn", "stjax:qemu:an500", sketch)
    printed = compiled(*(BOARDS / "cortex-m7/qemu").read_text().split(), build / f"{sketch.name}.elf")
    seen = pictures(project)
    found = printed.splitlines()
    assert found[0].startswith("R1 G1 B1 ")  # off, before the first result
    found[0] = found[0].removeprefix("R1 G1 B1 ")
    if not by_lines:
        assert found == lines(model, project, seen, 0)
        return
    # The last picture's end is not seen; one has lost a word, and the others come as if it had never been.
    whole = [frame for k, frame in enumerate(seen[:-1]) if k != LOST]
    wanted = lines(model, project, whole, 1)
    assert [re.sub("dropped 0$", "dropped 1", line) for line in found] == wanted
    assert found[-1] == wanted[-1]


def place_of(shape: tuple[int, ...], camera: PlannedCamera | None = None, prefix: str = "net") -> Place | None:
    """Of a network of one int8 input that takes rows."""
    tensor = activation(0, shape)
    graph = SimpleNamespace(inputs=(0,), tensors={0: tensor}, input_shapes=(shape,))
    proved = SimpleNamespace(graph=graph, plan=SimpleNamespace(camera=camera))
    project = SimpleNamespace(proved=proved, prefix=prefix, generated={f"{prefix}.h": "stj_status net_take_row("})
    view = view_of(project)  # type: ignore[arg-type]
    return view and view.place


def test_the_largest_part_of_the_smallest_picture_that_will_do_is_seen() -> None:
    assert place_of((1, 96, 96, 3)) == Place(160, 120, 32, 12, 1, 16, False)
    assert place_of((1, 64, 64, 1)) == Place(320, 240, 65, 25, 3, 16, False)
    assert place_of((1, 8, 200, 3)) == Place(320, 240, 60, 116, 1, 8, False)
    for shape in ((1, 241, 8, 3), (1, 8, 8, 2), (1, 8)):
        assert place_of(shape) is None
    assert place_of((1, 96, 96, 3), prefix="other") is None  # has no net_take_row: its input stays with the caller


def test_a_plan_for_the_camera_says_what_is_seen_and_how_many_rows_may_wait() -> None:
    camera = PlannedCamera(160, 120, 15_000, 480_000_000, 1500, 3, 4, 1, 1000, 5, 288)
    assert place_of((1, 96, 96, 3), camera) == Place(160, 120, 3, 4, 1, 5, True)
    assert place_of((1, 96, 96, 3), replace(camera, width=176)) == place_of((1, 96, 96, 3))  # no picture of this board
