"""Small clips on disk: frame t of every clip is one level of grey, `level(t)`, whatever it is stored as."""

from pathlib import Path

import numpy as np
from PIL import Image


def level(frame: int) -> int:
    return 20 + 20 * frame


def pixels(frames: int, height: int = 8, width: int = 12, channels: int = 3) -> np.ndarray:
    return np.stack([np.full((height, width, channels), level(t), np.uint8) for t in range(frames)])


def write_images(folder: Path, frames: int, name: str = "{:05d}.jpg", first: int = 1, **shape: int) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for t, frame in enumerate(pixels(frames, **shape)):
        Image.fromarray(frame.squeeze()).save(folder / name.format(t + first), quality=90)
    return folder


def write_video(path: Path, frames: int, rate: int = 20, codec: str = "mpeg4", **shape: int) -> Path:
    import av

    path.parent.mkdir(parents=True, exist_ok=True)
    clip = pixels(frames, **({"height": 32, "width": 48} | shape))
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate)
        stream.height, stream.width, stream.pix_fmt = clip.shape[1], clip.shape[2], "yuv420p"
        for frame in clip:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode())
    return path


def write_array(path: Path, frames: int, **shape: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, frames=pixels(frames, **shape))
    return path


def seen(clip: np.ndarray) -> list[int]:
    """Which frames these are, from their grey."""
    grey = clip.mean((1, 2, 3)) if clip.ndim == 4 else clip
    return np.rint((grey - 20) / 20).astype(int).tolist()
