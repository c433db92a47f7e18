"""Frames of video files by their number, decoded by PyAV, which brings FFmpeg's decoders with it.

A frame's number is its place in the order of presentation, from 0, whatever the container says about rates: frames are
never dropped or doubled to keep a rate.
"""
# pyright: reportMissingImports=false

from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import UInt8

from stjax.data.errors import DataError

MISSING = "video files are decoded by PyAV, which is not installed: pip install 'stjax[train]', or pip install av"


def count_frames(path: Path) -> int:
    """Frames in the file: its packets are counted, and the first one is decoded.

    Raises:
      DataError: if PyAV is missing, or the file is no video that it can decode.
    """
    with _opened(path) as container:
        stream = _video_stream(container)
        packets = [packet.pts for packet in container.demux(stream) if packet.size]
    if packets:
        read_frames(path, np.zeros(1, np.int64), grey=True)
    return len(packets)


def frames_per_second(path: Path) -> float | None:
    """What the container says about its rate; None where it says nothing."""
    with _opened(path) as container:
        rate = _video_stream(container).average_rate
        return None if rate is None else float(rate)


def read_frames(
    path: Path, numbers: np.ndarray, grey: bool
) -> UInt8[np.ndarray, "time height width 1"] | UInt8[np.ndarray, "time height width 3"]:
    """Those frames, in the given order; everything up to the last of them is decoded.

    Args:
      path: of the file.
      numbers: frame numbers from 0; one may occur more than once.
      grey: one channel, else red, green and blue.

    Raises:
      DataError: if PyAV is missing, the file is no video that it can decode, or ends before the last of the frames.
    """
    wanted = set(numbers.tolist())
    found: dict[int, np.ndarray] = {}
    with _opened(path) as container:
        stream = _video_stream(container)
        stream.codec_context.thread_count = 1
        try:
            for number, frame in enumerate(container.decode(stream)):
                if number in wanted:
                    array = frame.to_ndarray(format="gray" if grey else "rgb24")
                    found[number] = array[..., None] if grey else array
                if len(found) == len(wanted):
                    break
        except _av().error.FFmpegError as error:
            raise DataError(f"frame {len(found)} and what follows cannot be decoded: {error}") from None
    if missing := sorted(wanted - found.keys()):
        raise DataError(f"ends before frame {missing[0]}")
    return np.stack([found[number] for number in numbers.tolist()])


def _av() -> Any:
    try:
        import av
    except ImportError:
        raise DataError(MISSING) from None
    return av


def _opened(path: Path) -> Any:
    av = _av()
    try:
        return av.open(str(path), metadata_errors="ignore")
    except av.error.FFmpegError as error:
        raise DataError(f"is no video that can be read: {error.strerror}") from None


def _video_stream(container: Any) -> Any:
    if not container.streams.video:
        raise DataError("has no video in it")
    return container.streams.video[0]
