"""Plans for a camera, proves, exports, builds, and plays a clip of camera lines into the firmware under QEMU.

QEMU counts time in instructions (-icount shift=0: an instruction is a nanosecond), so the timer that plays the camera
can be given the pace of a real one: as many instructions from line to line as the processor would have at its clock.
"""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import jinja2
import numpy as np

from embedded.tools.camera import Camera as Lines
from embedded.tools.camera import to_lines, to_rows
from export.c.emit import emit
from export.projects.kinds.cmake import BOARDS
from export.projects.pixels import stored_table
from export.projects.project import Project
from stjax.data.moving_shapes import CLASSES, Scene, draw_scene, render
from verify.clip import per_frame
from verify.commands.camera import Asked, with_camera
from verify.graph.graph import Graph
from verify.plan.request import Request
from verify.plan.search import make_plan
from verify.proof.check import ProvedPlan, check
from verify.proof.evaluate import evaluate_stream
from verify.targets.line_feed import LineFeed
from verify.tflite import read_model

MODEL = Path(__file__).parent / "clip.tflite"
BOARD = "cortex-m7"
WIDTH, HEIGHT = 160, 120
TIMER_HERTZ = 25_000_000
"""Of SysTick on the emulated board; an instruction takes a nanosecond there."""

CLIP_ADDRESS = 0x60000000
"""Where the emulator puts the camera's lines: memory that stands for the world outside."""

_TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("experiments.demo_camera"), undefined=jinja2.StrictUndefined, keep_trailing_newline=True
)
_FRAME = re.compile(r"frame (\d+) busy (\d+) late (\d+) deepest (\d+) dropped (\d+) scores((?: -?\d+)*)")


@dataclass(frozen=True)
class Config:
    """What is played, and how fast.

    Args:
      scenes: movements, one after the other.
      frames: of each.
      hertz: frames per second of the camera.
      clock: of the processor, in hertz; slow, so that rows wait.
      millicycles: cycles per 1,000 instructions.
      pixel_format: of the camera, a name of embedded.tools.camera.
      target: whose kernels.
      seed: draws the scenes.
    """

    scenes: int = 8
    frames: int = 8
    hertz: int = 30
    clock: int = 40_000_000
    millicycles: int = 1500
    pixel_format: str = "rgb565be"
    target: str = "cortex-m-dsp"
    seed: int = 5


@dataclass(frozen=True, eq=False)
class Clip:
    """What the camera sees: frames [n, side, side] as the network will, pictures [n, HEIGHT, WIDTH, 3] as it sends
    them, and the class of each frame."""

    frames: np.ndarray
    pictures: np.ndarray
    classes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Found:
    """What the firmware says of a frame.

    Args:
      frame: number, from 0.
      scores: int8, or None before there is a result.
      instructions: executed from its first row to its result, interrupts included.
      late_ms: from the end of the camera's frame to the result.
      deepest: rows that waited at most so far.
      dropped: frames dropped so far.
    """

    frame: int
    scores: np.ndarray | None
    instructions: int
    late_ms: float
    deepest: int
    dropped: int


@dataclass(frozen=True, eq=False)
class Prepared:
    """A proved plan with its camera, and the firmware that plays it."""

    clip_model: Graph
    proved: ProvedPlan
    feed: LineFeed
    lines: Lines
    table: np.ndarray
    clip: Clip
    elf: Path
    raw: Path
    ram_bytes: int

    @property
    def scale(self) -> tuple[float, int]:
        quantization = self.proved.graph.tensors[self.proved.graph.outputs[0]].quantization
        assert quantization is not None
        return quantization.scale[0], quantization.zero_point[0]


def draw_clip(config: Config, side: int) -> Clip:
    """Movements one after the other, drawn at the network's size and shown by the camera in the middle, enlarged."""
    rng = np.random.default_rng(config.seed)
    order = [CLASSES[k % len(CLASSES)] for k in range(config.scenes)]
    scenes: list[Scene] = [draw_scene(motion, side, rng) for motion in order]
    frames = np.concatenate([render(scene, side, config.frames)[..., 0] for scene in scenes])
    step = min(WIDTH, HEIGHT) // side
    pictures = np.full((len(frames), HEIGHT, WIDTH, 3), 24, np.uint8)
    top, left = (HEIGHT - step * side) // 2, (WIDTH - step * side) // 2
    enlarged = frames.repeat(step, 1).repeat(step, 2)[..., None]
    pictures[:, top : top + step * side, left : left + step * side] = enlarged
    return Clip(frames, pictures, tuple(motion for motion in order for _ in range(config.frames)))


def prepare(config: Config, folder: Path, model: Path = MODEL) -> Prepared:
    """Everything up to the firmware.

    Raises:
      RuntimeError: the plan is not proved, or the network does not keep up with the camera.
    """
    clip_model = read_model(model.read_bytes(), "clip")
    graph = per_frame(clip_model)
    plan = make_plan(graph, Request("stream", target=config.target))
    plan, feed = with_camera(graph, plan, _asked(config))
    if not feed.held:
        raise RuntimeError(f"{config.hertz} frames per second are asked for, there is time for {feed.most_hertz:.1f}")
    report, proved = check(graph, plan)
    if proved is None:
        raise RuntimeError(f"the plan is not proved: {report.verdicts}")
    camera = proved.plan.camera
    assert camera is not None
    _, rows, columns, channels = graph.input_shapes[0]
    geometry = (WIDTH, HEIGHT, camera.left, camera.top, camera.step, columns, rows, channels)
    lines = Lines(config.pixel_format, *geometry)
    tensor = graph.tensors[graph.inputs[0]]
    table = stored_table(tensor.dtype)
    clip = draw_clip(config, rows)
    raw = folder / "clip.raw"
    raw.write_bytes(np.concatenate([to_lines(config.pixel_format, picture) for picture in clip.pictures]).tobytes())
    per_line = config.clock * 1000 / (config.millicycles * config.hertz * HEIGHT)
    program = _TEMPLATES.get_template("camera.c.j2").render(
        line_bytes=lines.line_bytes,
        frames=len(clip.frames),
        reload=round(per_line * TIMER_HERTZ / 1e9) - 1,
        clip_address=f"{CLIP_ADDRESS:#x}",
        stored=", ".join(map(str, table)),
        pixel_format=_C_FORMAT[config.pixel_format],
        columns=columns,
        channels=channels,
    )
    elf, ram = _built(Project(proved, emit(proved)), program, folder)
    return Prepared(clip_model, proved, feed, lines, table, clip, elf, raw, ram)


_C_FORMAT = {"grey8": "STJ_GREY8", "rgb565be": "STJ_RGB565_BE", "rgb565le": "STJ_RGB565_LE", "yuyv": "STJ_YUYV"}


def _asked(config: Config) -> Asked:
    priced = "rgb565" if config.pixel_format.startswith("rgb") else config.pixel_format
    return Asked(WIDTH, HEIGHT, 1000 * config.hertz, config.clock, config.millicycles, priced)


def _built(project: Project, program: str, folder: Path) -> tuple[Path, int]:
    """The firmware, and its bytes of RAM apart from the stack."""
    sources = {**project.network, **project.beside(program), "camera.c": program}
    for name, text in sources.items():
        (folder / name).write_text(text)
    flags, common = (BOARDS / BOARD / "flags").read_text().split(), BOARDS / "common"
    files = [folder / name for name in sources if name.endswith(".c")]
    elf = folder / "camera.elf"
    command = ["arm-none-eabi-gcc", "-O2", "-std=c99", "-Wall", "-Wextra", *flags, "-ffunction-sections", f"-I{folder}"]
    command += [*map(str, files), str(common / "arm-none-eabi-start.c"), "-nostartfiles", f"-L{common}"]
    command += [f"-T{BOARDS / BOARD / 'memory.ld'}", "-Wl,--gc-sections", "-lc", "-lgcc", "-o", str(elf)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"the firmware does not compile: {done.stderr.strip()[:400]}")
    symbols = subprocess.run(
        ["arm-none-eabi-nm", "--print-size", str(elf)], capture_output=True, text=True, check=True
    ).stdout
    own = re.findall(r"^\w+ (\w+) [bd] (?:arena|model|feed|fifo)$", symbols, re.MULTILINE)
    return elf, sum(int(size, 16) for size in own)


def play(prepared: Prepared, config: Config) -> Iterator[Found]:
    """Runs the firmware; what it says of each frame, as it says it.

    Raises:
      RuntimeError: the program ended otherwise than it should.
    """
    words = (BOARDS / BOARD / "qemu").read_text().split()
    loader = f"loader,file={prepared.raw},addr={CLIP_ADDRESS:#x},force-raw=on"
    command = [*words[:-1], "-icount", "shift=0,sleep=off", "-device", loader, "-kernel", str(prepared.elf)]
    timer_ns = 1_000_000_000 // TIMER_HERTZ
    per_ms = config.clock * 1000 / config.millicycles / 1000  # instructions in a millisecond of the real processor
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        last = ""
        for line in process.stdout:
            last = line.strip()
            if found := _FRAME.fullmatch(last):
                frame, busy, late, deepest, dropped = map(int, found.groups()[:5])
                scores = np.array(found[6].split(), np.int8) if found[6] else None
                yield Found(frame, scores, busy * timer_ns, late * timer_ns / per_ms, deepest, dropped)
    if process.returncode or not last.startswith("end "):
        raise RuntimeError(f"the firmware stopped (status {process.returncode}): {last}")


def expected(prepared: Prepared) -> dict[int, np.ndarray]:
    """Frame -> the clip model's own scores there, of the rows that the camera's lines are."""
    tables = np.stack([prepared.table] * 3)
    lines = (to_lines(prepared.lines.format, picture) for picture in prepared.clip.pictures)
    rows = np.stack([to_rows(prepared.lines, frame, tables) for frame in lines]).view(np.int8)
    answers = evaluate_stream(prepared.clip_model, prepared.proved.graph, [rows])
    return {frame: results[0].ravel() for frame, results in answers}


def probabilities(scores: np.ndarray, scale: tuple[float, int]) -> np.ndarray:
    """Of the scores of a last layer without softmax."""
    reals = (scores.astype(float) - scale[1]) * scale[0]
    shares = np.exp(reals - reals.max())
    return shares / shares.sum()
