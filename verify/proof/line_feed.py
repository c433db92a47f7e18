"""C10 as obligations: a camera's lines find room in the FIFO, frame after frame.

Instructions per row are the prices of the target's kernels (verify.targets.cost), which are estimates; what a line may
take of the processor, the clock and the camera are the plan's. Given those, this is arithmetic. Rows are numbered
through two frames: what is left of a frame's work when the next one begins is less than a frame's, so that the second
frame is as late as any.
"""

from collections.abc import Iterator, Sequence

from verify.graph.camera import Camera
from verify.proof.layout import Layout
from verify.proof.obligation import Obligation, Term, constant
from verify.targets.line_feed import row_instructions

FRAMES = 2


def in_time(layout: Layout) -> Iterator[Obligation]:
    """C10: when a row comes, the one that lay in its place of the FIFO has been taken; a frame's work takes no longer
    than a frame.
    """
    camera = layout.plan.camera
    if camera is None:
        return
    instructions = row_instructions(layout.graph, layout.plan, layout.kernels)
    if instructions is None:
        text = "no single input arrives by rows, or what the kernels take has not been measured"
        yield constant("C10", "camera", "lines are the rows of an input", "true", text)
        return
    yield from _rows_are_lines(layout, camera, len(instructions))
    times = [camera.taken(count) for count in instructions]
    known = [time for time in times if time is not None]
    denial = f"(> (+ 0 {' '.join(map(str, known))}) {camera.frame})" if len(known) == len(times) else "true"
    text = "a frame's work takes longer than a frame"
    yield constant("C10", "camera", "a frame's work is done within the time of a frame", denial, text)
    if len(known) == len(times):
        yield _no_row_waits_too_long(camera, known)


def _rows_are_lines(layout: Layout, camera: Camera, rows: int) -> Iterator[Obligation]:
    tensor = layout.plan.stages[0].feeds[0].tensor
    size = layout.row_bytes(tensor)
    last = f"(+ {camera.top} (* {camera.step} {rows - 1}))"
    beyond = f"(or (< {camera.step} 1) (>= {last} {camera.height}))"
    text = f"row {rows - 1} is not among the camera's {camera.height} lines"
    yield constant("C10", "camera", "each row of the input is a line of the camera", beyond, text)
    wrong = f"(or (not (= {camera.row_bytes} {size})) (< {camera.fifo_rows} 1))"
    text = f"the FIFO holds {camera.fifo_rows} rows of {camera.row_bytes} bytes; a row takes {size}"
    yield constant("C10", "FIFO", "its rows are as large as the input's", wrong, text)


def _no_row_waits_too_long(camera: Camera, times: Sequence[int]) -> Obligation:
    """Row k is taken at s_k, when it has come and all work for rows before it is done, at e_(k - 1)."""
    definitions: list[Term] = []
    late: list[Term] = ["false"]
    arrivals: list[int] = []
    for frame in range(FRAMES):
        for row, time in enumerate(times):
            k = len(arrivals)
            arrivals.append(frame * camera.frame + camera.arrival(row, len(times)))
            begin = f"(ite (> e_{k - 1} {arrivals[k]}) e_{k - 1} {arrivals[k]})" if k else str(arrivals[k])
            definitions += [f"(define-fun s_{k} () Int {begin})", f"(define-fun e_{k} () Int (+ s_{k} {time}))"]
            if k >= camera.fifo_rows:
                late.append(f"(> s_{k - camera.fifo_rows} {arrivals[k]})")
    return Obligation(
        claim="C10",
        subject="FIFO",
        sentence=f"when a row comes, the one {camera.fifo_rows} before it has been taken",
        variables=(),
        assumptions=(),
        denial=f"(or {' '.join(late)})",
        explain=lambda _: f"a line comes while {camera.fifo_rows} rows wait that are not taken yet",
        definitions=tuple(definitions),
    )
