"""How a program of one frame goes on from frame to frame."""

import math

from verify.graph.accounting import history_bytes
from verify.graph.answers import answers_text
from verify.graph.graph import Graph
from verify.graph.plan import Plan
from verify.program.program import Clip, Fill, History
from verify.program.refuse import INT32_MAX, require


def clip_of(graph: Graph, plan: Plan) -> Clip | None:
    """What the program needs to know about time; None for an image.

    Raises:
      NotExpressibleError: the rings of frames stand as before only after more frames than are counted.
    """
    text = f"the plan is for clips of {plan.clip_frames} frames, the program for {graph.clip_frames}"
    require(plan.clip_frames == graph.clip_frames, "C8", "plan", text)
    if not graph.goes_on:
        return None
    kept = [buffer for buffer in plan.buffers if buffer.frames > 1]
    sizes = {buffer.tensor: graph.tensors[buffer.tensor].size_bytes for buffer in kept}
    period = math.lcm(*(buffer.frames for buffer in kept))
    text = f"the frames kept of its tensors repeat together only after {period} frames"
    require(period <= INT32_MAX // 2, "C8", "plan", text)
    # A frame is repeated by leaving out the stages that feed later frames: they must do nothing else.
    feeds = graph.feeds_later_frames()
    apart = all(len(feeds & {f.op for f in stage.firings}) in (0, len(stage.firings)) for stage in plan.stages)
    repeats = kept if apart and graph.frames_stand_alone() else []
    return Clip(
        frames=graph.clip_frames,
        period=period,
        warm_up=graph.warm_up,
        step=plan.time_step,
        history_bytes=history_bytes(graph, plan),
        fills=tuple(
            Fill(buffer.tensor, buffer.offset, buffer.frames * sizes[buffer.tensor], graph.fills[buffer.tensor])
            for buffer in kept
            if buffer.tensor in graph.fills
        ),
        repeats=tuple(History(buffer.tensor, buffer.offset, buffer.frames, sizes[buffer.tensor]) for buffer in repeats),
        answers=answers_text(graph),
    )
