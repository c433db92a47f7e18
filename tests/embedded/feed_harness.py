"""Scripts for tests/embedded/feed/driver.c, and what a feed has to make of them: a model of the FIFO in Python."""

import functools
import struct
import subprocess
import tempfile
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from embedded.tools.board import EMBEDDED
from embedded.tools.camera import FORMATS, Camera, to_rows

HERE = Path(__file__).parent / "feed"
INCLUDE = (f"-I{EMBEDDED}/include", f"-I{EMBEDDED}/feed")
WARNINGS = ("-Wall", "-Wextra", "-Wconversion", "-Werror", "-pedantic")
SANITIZE = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")
REASONS = ("overrun", "missing", "doubled", "short", "early")
OVERRUN, MISSING, DOUBLED, SHORT, EARLY = range(5)
STATUS = {OVERRUN: -4, MISSING: -2, DOUBLED: -2, SHORT: -3, EARLY: -2}
NEXT = -1
NO_BARRIER = 0

Event = tuple
"""("S",), ("E",), ("L", line, bytes) from the interrupt; ("W", ticks, barrier), ("B", at) in the main loop."""


@functools.cache
def driver(model: Path | None = None) -> Path:
    """The program, with the generated model in a folder or with the stand-in."""
    program = Path(tempfile.mkdtemp(prefix="stjax-feed-")) / "driver"
    sources = [HERE / "driver.c", *(EMBEDDED / "feed" / f"stj_{part}.c" for part in ("camera", "feed"))]
    flags = ["-std=c99", "-g", "-O0", "-DSTJ_DEBUG", *WARNINGS, *SANITIZE, *INCLUDE, f"-I{HERE}"]
    flags += ["-include", "barrier.h"]
    if model is not None:
        sources += sorted(model.glob("*.c"))
        flags += ["-DGENERATED", f"-I{model}"]
    subprocess.run(["cc", *flags, *map(str, sources), "-o", str(program)], check=True)
    return program


def script(
    camera: Camera, tables: np.ndarray, body: bytes | Iterable[Event], depth: int = 0, ticks_per_row: int = 0
) -> bytes:
    numbers = (camera.width, camera.height, camera.left, camera.top, camera.step)
    numbers += (camera.columns, camera.rows, camera.channels, depth, ticks_per_row)
    head = b"C" + struct.pack("<11i", FORMATS.index(camera.format), *numbers) + tables.tobytes()
    return head + (body if isinstance(body, bytes) else b"".join(map(_event, body)) + b"X")


def _event(event: Event) -> bytes:
    match event:
        case ("L", line, raw):
            return b"L" + struct.pack("<2i", line, len(raw)) + raw
        case (name, *numbers):
            return name.encode() + struct.pack(f"<{len(numbers)}i", *numbers)
    raise AssertionError(event)


def run(scripts: bytes, model: Path | None = None) -> list[tuple[str, bytes]]:
    """What the driver answers: letters and bytes."""
    result = subprocess.run([str(driver(model))], input=scripts, capture_output=True)
    assert result.returncode == 0, result.stderr.decode()
    return list(_answers(result.stdout))


def _answers(data: bytes) -> Iterator[tuple[str, bytes]]:
    at = 0
    while at < len(data):
        (count,) = struct.unpack_from("<i", data, at + 1)
        yield chr(data[at]), data[at + 5 : at + 5 + count]
        at += 5 + count


def ints(data: bytes) -> list[int]:
    return list(struct.unpack(f"<{len(data) // 4}i", data))


@dataclass
class Model:
    """The feed and its network as they are meant: rows wait in a queue, each knows its frame."""

    camera: Camera
    tables: np.ndarray
    depth: int
    ticks_per_row: int
    answers: list[tuple[str, bytes]] = field(default_factory=list)
    dropped: list[int] = field(default_factory=lambda: [0] * len(REASONS))
    queue: deque[tuple[int, int, bytes]] = field(default_factory=deque)  # frame, row, contents
    dead: set[int] = field(default_factory=set)
    frame: int = 0
    live: bool = False
    lines: list[bytes] = field(default_factory=list)
    held: tuple[int, int, bytes] | None = None
    unnumbered: bool = False
    whole: int = 0
    deepest: int = 0
    network: list[tuple[int, int, bytes]] = field(default_factory=list)
    pending: int = 0

    def run(self, events: Sequence[Event]) -> list[tuple[str, bytes]]:
        for event in events:
            getattr(self, {"S": "start", "E": "end", "L": "line", "W": "work"}[event[0]])(*event[1:])
        last = (self.whole, len(self.queue), self.deepest, 1)
        drops = [("D", struct.pack("<i", count)) for count in self.dropped]
        return [*self.answers, *drops, ("X", struct.pack("<4i", *last))]

    def drop(self, reason: int) -> None:
        self.dropped[reason] += 1
        self.dead.add(self.frame)
        self.live = False
        self.answers.append(("P", struct.pack("<i", STATUS[reason])))

    def put(self, entry: tuple[int, int, bytes]) -> None:
        self.queue.append(entry)
        self.deepest = max(self.deepest, len(self.queue))
        if entry[1] == self.camera.rows - 1:
            self.live, self.whole = False, self.whole + 1

    def end(self, reason: int = MISSING) -> None:
        if self.live and self.held and len(self.lines) == self.camera.height:
            self.put(self.held)
        elif self.live:
            self.drop(reason)

    def start(self) -> None:
        self.end(EARLY)
        self.frame += 1
        self.live, self.lines, self.held, self.unnumbered = True, [], None, False

    def line(self, number: int, raw: bytes) -> None:
        due, camera = len(self.lines), self.camera
        if not self.live:
            return None
        self.unnumbered |= number == NEXT and len(raw) == camera.line_bytes
        number = due if number == NEXT else number
        if len(raw) != camera.line_bytes:
            return self.drop(SHORT)
        if number != due or due == camera.height:
            return self.drop(MISSING if number > due else DOUBLED)
        self.lines.append(raw)
        row, rest = divmod(due - camera.top, camera.step)
        if rest or not 0 <= row < camera.rows:
            return None
        if len(self.queue) == self.depth:
            return self.drop(OVERRUN)
        entry = (self.frame, row, self.contents(row))
        if row == camera.rows - 1 and self.unnumbered:
            self.held = entry
        else:
            self.put(entry)
        return None

    def contents(self, row: int) -> bytes:
        """One row as the twin has it, of lines that came."""
        frame = np.zeros((self.camera.height, self.camera.line_bytes), np.uint8)
        frame[: len(self.lines)] = np.frombuffer(b"".join(self.lines), np.uint8).reshape(-1, self.camera.line_bytes)
        return to_rows(self.camera, frame, self.tables)[row].tobytes()

    def work(self, ticks: int, _barrier: int = NO_BARRIER) -> None:
        while self.queue and self.queue[0][0] in self.dead:
            if 0 < len(self.network) < self.camera.rows:
                self.network, self.pending = [], 0
            self.queue.popleft()
        self.pending = max(self.pending - ticks, 0)
        if self.pending:
            return
        if len(self.network) == self.camera.rows:
            assert len({frame for frame, _, _ in self.network}) == 1
            self.answers.append(("F", b"".join(contents for _, _, contents in self.network)))
            self.network = []
        elif self.queue:
            entry = self.queue.popleft()
            self.network = [*(self.network if entry[1] else []), entry]
            self.pending = self.ticks_per_row
