"""The program of one frame of a clip model: which of the two ways gives it.

A model whose results have a position per frame is a stream of results (verify.clip.derive). One with a single result
for a clip gives it at every frame, for the clip of the last T frames (verify.clip.unrolled). Without padding in time
both are the same, and the stream is taken.
"""

from verify.clip.derive import as_stream
from verify.clip.refuse import NotAClipError
from verify.clip.unrolled import unrolled
from verify.graph.graph import Graph


def per_frame(clip: Graph, frames: int | None = None) -> Graph:
    """The program of one frame of a clip model.

    Args:
      clip: inputs are `[time, ...]` or `[1, time, height, width, channels]`.
      frames: how many frames a clip has, if that is known; then `[1, time, ...]` of any rank is one.

    Raises:
      NotAClipError: frames do not mix (then it is a batch), or an operator mixes them in a way that is not known.
    """
    axis = time_axis(clip) if frames is None or time_axis(clip, frames) is None else time_axis(clip, frames)
    if axis is None:
        raise NotAClipError("the inputs have no common leading axis of at least two frames")
    if axis == 1:
        return unrolled(clip, axis)
    try:
        stream = as_stream(clip)
    except NotAClipError:
        stream = None
    if stream is not None and (stream.results > 1 or _gives_clips(stream)):
        return stream
    try:
        return unrolled(clip, axis)
    except NotAClipError as error:
        if stream is None:
            raise error from None
        return stream


def time_axis(clip: Graph, frames: int | None = None) -> int | None:
    """The axis along which the inputs' frames lie, or None; see `per_frame`."""
    for axis, ranks in ((0, range(3, 6)), (1, range(3, 6) if frames else range(5, 6))):
        fits = all(len(shape) in ranks and shape[:axis] == (1,) * axis for shape in clip.input_shapes)
        lengths = {shape[axis] for shape in clip.input_shapes} if fits else set()
        if len(lengths) == 1 and min(lengths) > 1 and lengths <= {frames or min(lengths)}:
            return axis
    return None


def _gives_clips(stream: Graph) -> bool:
    """Whether its result is at every frame that of the clip of the last T frames."""
    return not stream.fills and stream.warm_up == stream.clip_frames - 1
