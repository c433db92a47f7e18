"""Programs of projects for Zephyr and ESP-IDF that take a camera's pictures: run here, with stand-ins for the cameras.

The stand-ins (stubs/) stand behind declarations of just what the programs use; the references say what is printed.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from embedded.tools.camera import GREY8, RGB565_BE, RGB565_LE, Camera, to_rows
from export.c.emit import emit
from export.projects import kinds
from export.projects.camera import View, view_of
from export.projects.kinds.esp_idf import FRAME_SIZES
from export.projects.pixels import stored_table
from export.projects.project import Project
from tests.embedded.test_feed import clip_net, image_net
from tests.export.test_project import CASES, compiled
from tests.export.test_projects import C_WARNINGS, STUBS, project_of, written
from verify.clip import per_frame
from verify.graph.camera import Camera as PlannedCamera
from verify.graph.graph import Graph
from verify.graph.tensor import DType
from verify.plan.request import Request
from verify.plan.search import make_plan
from verify.proof.check import check
from verify.proof.evaluate import evaluate, evaluate_stream

PICTURES, CUT = 5, 2
SANITIZE = ("-O0", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")


def seen(project: Project, view: View, pixels: str, sent: list[int]) -> list[np.ndarray]:
    """What the network sees of those pictures."""
    place, shape = view.place, project.proved.graph.input_shapes[0]
    number, y, k = np.ogrid[:PICTURES, : place.height, : place.width * (1 if pixels == GREY8 else 2)]
    raw = (7 * y + 3 * k + 11 * number + (y * k >> 4)).astype(np.uint8)
    size = (place.width, place.height, place.left, place.top, place.step, view.columns, view.rows, view.channels)
    tables = np.tile(stored_table(DType.INT8), (3, 1))
    return [to_rows(Camera(pixels, *size), raw[n], tables).view(np.int8).reshape(shape) for n in sent]


def said(model: Graph, project: Project, frames: list[np.ndarray]) -> list[str]:
    """What a program prints of these frames."""
    graph = project.proved.graph
    if graph.clip_frames > 1:
        results = [outputs[0] for _, outputs in evaluate_stream(model, graph, [np.stack(frames)])]
    else:
        results = [evaluate(graph, [frame])[0] for frame in frames]
    quantization = graph.tensors[graph.outputs[0]].quantization
    found = []
    for result in results:
        best = int(result.argmax())
        value = (int(result.ravel()[best]) - quantization.zero_point[0]) * quantization.scale[0]
        found.append(f"class {best} value {value:.3f} milliseconds 0 dropped 0")
    return [*found, "the camera gives no more pictures"]


def run(folder: Path, network: str, program: str, *more: object) -> list[str]:
    sources = [*(folder / network).glob("*.c"), *(folder / "feed").glob("*.c"), folder / program]
    include = (f"-I{STUBS}", f"-I{folder / network}", f"-I{folder}/feed")
    compiled("cc", *C_WARNINGS, *SANITIZE, *include, *more, *sources, "-o", folder / "program")
    return compiled("bash", "-c", f"{folder}/program || true").splitlines()


@pytest.mark.parametrize(("lines", "clip"), [(0, True), (30, False)], ids=["frames", "30 lines at a time"])
def test_zephyrs_sample_says_what_the_references_say(lines: int, clip: bool, tmp_path: Path) -> None:
    model = clip_net() if clip else image_net()
    project = project_of(per_frame(model) if clip else model, Request("stream"))
    files = written(kinds()["zephyr"], project, tmp_path)
    view = view_of(project, None)
    assert view
    found = run(tmp_path, "model", "camera/src/main.c", STUBS / "zephyr/stand_in.c", f"-DLINES={lines}")
    assert found == said(model, project, seen(project, view, RGB565_LE, list(range(PICTURES))))
    assert len(found) > 1
    assert f"POOL_SZ_MAX={view.place.width * view.place.height * 2}\n" in str(files["camera/prj.conf"])
    for source in (name for name in files if name.startswith("feed/") and name.endswith(".c")):
        assert f"../{source}" in str(files["camera/CMakeLists.txt"])


@pytest.mark.parametrize("clip", [True, False], ids=["grey clip", "colour image"])
def test_the_esp32s_program_says_what_the_references_say(clip: bool, tmp_path: Path) -> None:
    model = clip_net() if clip else image_net()
    project = project_of(per_frame(model) if clip else model, Request("stream"))
    files = written(kinds()["esp-idf"], project, tmp_path)
    view = view_of(project, FRAME_SIZES)
    assert view
    found = run(tmp_path, "components/stj_model/src", "camera/main/main.c", STUBS / "esp_stand_in.c")
    whole = [n for n in range(PICTURES) if n != CUT]
    assert found == said(model, project, seen(project, view, GREY8 if clip else RGB565_BE, whole))
    manager = pytest.importorskip("idf_component_tools.manager")
    manifest = manager.ManifestManager(str(tmp_path / "camera/main"), "main").load()
    assert manifest.dependencies["espressif/esp32-camera"] == "^2.0.4"
    for source in (name for name in files if name.startswith("feed/") and name.endswith(".c")):
        assert f'"../../{source}"' in str(files["camera/main/CMakeLists.txt"])


def test_a_plan_for_a_camera_says_which_picture_is_asked_for() -> None:
    graph = image_net()
    plan = make_plan(graph, Request("stream"))
    for size, frame_size in (((176, 144), "QCIF"), ((200, 150), "QQVGA")):  # ESP32's component has no 200 x 150
        camera = PlannedCamera(*size, 15_000, 480_000_000, 1000, 3, 4, 2, 100, 5, 18)
        _, proved = check(graph, replace(plan, camera=camera))
        assert proved
        project = Project(proved, emit(proved))
        assert f"WIDTH = {size[0]}, HEIGHT = {size[1]}," in str(kinds()["zephyr"].files(project)["camera/src/main.c"])
        text = str(kinds()["esp-idf"].files(project)["camera/main/main.c"])
        assert f"FRAMESIZE_{frame_size}," in text and ("HEIGHT, 3, 4, 2," in text) == (frame_size == "QCIF")


def test_networks_that_see_no_picture_have_no_camera() -> None:
    project = project_of(CASES["two inputs"].graph(), Request())
    for name in ("zephyr", "esp-idf", "platformio"):
        assert not any("camera" in path for path in kinds()[name].files(project))
