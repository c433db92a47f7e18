"""How a network sees a board's camera: which of its pictures, what part of it, and what a pixel is in the input."""

from collections.abc import Collection
from dataclasses import dataclass

from export.projects.pixels import stored_table
from export.projects.project import Project
from verify.graph.camera import middle
from verify.graph.tensor import DType

PICTURES = ((160, 120), (320, 240))
"""What the cameras of Arduino's boards send, of sizes whose frame fits their memory."""
ENOUGH = 0.6
"""Of a picture's height: a larger picture is not asked for where the network sees as much of a small one."""
ROWS_WITHOUT_PLAN = 16
"""That may wait, where the plan is not for a camera and says nothing of it."""


@dataclass(frozen=True)
class Place:
    """The part of a picture that the network sees, and how many rows may wait; of the words of the struct stj_camera.

    Args:
      planned: whether the plan is for it, so that the number of rows is proved to be enough.
    """

    width: int
    height: int
    left: int
    top: int
    step: int
    fifo_rows: int
    planned: bool


@dataclass(frozen=True)
class View:
    """What a sketch asks of the camera.

    Args:
      columns, rows, channels: of the model's input.
      table: what the input stores for 0 .. 255 in each channel, as lines of C.
    """

    place: Place
    columns: int
    rows: int
    channels: int
    table: tuple[str, ...]


def view_of(project: Project, sent: Collection[tuple[int, int]] | None = PICTURES) -> View | None:
    """What the network sees.

    Args:
      project: whose plan may be for a camera.
      sent: the pictures that the plan's camera may have; None: any.

    Returns:
      None where the input is no picture, or where rows cannot be taken while work is done."""
    graph = project.proved.graph
    if len(graph.inputs) != 1 or f"{project.prefix}_take_row(" not in project.generated[f"{project.prefix}.h"]:
        return None
    tensor, shape = graph.tensors[graph.inputs[0]], graph.input_shapes[0]
    if len(shape) < 3 or shape[-1] not in (1, 3) or tensor.dtype not in (DType.INT8, DType.UINT8):
        return None
    rows, columns, channels = shape[-3:]
    place = _place(project, rows, columns, sent)
    if place is None or tensor.rows != rows:
        return None
    values = [str(value) for value in stored_table(tensor.dtype)]
    table = tuple(", ".join(values[k : k + 16]) + "," for k in range(0, len(values), 16))
    return View(place, columns, rows, channels, table)


def _place(project: Project, rows: int, columns: int, sent: Collection[tuple[int, int]] | None) -> Place | None:
    """Where the plan's camera has it, else the largest part, in the middle; None where no picture is large enough."""
    camera = project.proved.plan.camera
    if camera is not None and (sent is None or (camera.width, camera.height) in sent):
        return Place(camera.width, camera.height, camera.left, camera.top, camera.step, camera.fifo_rows, True)
    seen = [(*middle(width, height, rows, columns), width, height) for width, height in PICTURES]
    fits = [found for found in seen if found[2] > 0]
    if not fits:
        return None
    enough = [found for found in fits if found[2] * rows >= ENOUGH * found[4]]
    left, top, step, width, height = enough[0] if enough else fits[-1]
    return Place(width, height, left, top, step, min(rows, ROWS_WITHOUT_PLAN), False)
