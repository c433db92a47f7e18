"""A network from what a command line calls it: a preset, a network of the MCUNet zoo, or one of the user's own.

streamtinynet-touch        a preset (`stjax.models.NAMES`)
mcunet:FILE                an architecture file of the MCUNet zoo
my_module:net              attribute `net` of my_module.py: a module, or a function without arguments that makes one
"""

import argparse
import importlib
import inspect
import json
import re
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import flax.linen as linen

from stjax.models import mcunet
from stjax.models.presets import NAMES, preset
from stjax.nn.layer import FrameShape, Layer

MCUNET = "mcunet:"
MEANS = "a named network, mcunet:FILE, or one of your own as module:attribute"
"""For help texts."""


@dataclass(frozen=True)
class Named:
    """A network and the clips that it takes.

    Args:
      name: as given.
      model: maps one clip [time height width channels] to answers.
      frames: T, the frames of the shortest clip that gives an answer.
      frame_shape: height, width, channels.
    """

    name: str
    model: linen.Module
    frames: int
    frame_shape: FrameShape

    @property
    def clip_shape(self) -> tuple[int, ...]:
        return (self.frames, *self.frame_shape)

    @property
    def layer(self) -> Layer:
        """The model, where it can take a stream frame by frame.

        Raises:
          ValueError: it is a Flax module of another kind.
        """
        if not isinstance(self.model, Layer):
            raise ValueError(
                f"{self.name} is a {type(self.model).__name__}, no stjax.nn.Layer: only layers of stjax.nn, and "
                "containers of them, have a step face"
            )
        return self.model


def named(name: str, frames: int | None = None, frame_shape: FrameShape | None = None) -> Named:
    """The network of that name.

    Args:
      name: see the module's docstring.
      frames: T for a preset; the clip's length for others, where the network does not say.
      frame_shape: height, width, channels, for a network that does not say (it has no `config.frame_shape`).

    Raises:
      ValueError: if there is no such network, or its clips' shape is not known.
      OSError: if a file cannot be read.
    """
    if name.startswith(MCUNET):
        model = mcunet.from_config(json.loads(Path(name.removeprefix(MCUNET)).read_text()))
        return Named(name, model, frames or 1, model.config.frame_shape)
    if ":" in name:
        return _own(name, frames, frame_shape)
    if name not in NAMES:
        raise ValueError(
            f'no network is called "{name}"; there are {", ".join(NAMES)}, mcunet:FILE, and your own, module:attribute'
        )
    found = preset(name, frames)
    return Named(name, found, found.warmup_frames + 1, found.config.frame_shape)


def frame_shape(text: str) -> tuple[int, int, int]:
    """Height, width and channels from "96x96x1", for command lines.

    Raises:
      ArgumentTypeError: if the text says something else.
    """
    match = re.fullmatch(r"(\d+)x(\d+)x(\d+)", text)
    if not match or "0" in match.groups():
        raise argparse.ArgumentTypeError(f'"{text}" is not height x width x channels; write 96x96x1')
    return int(match[1]), int(match[2]), int(match[3])


def _own(name: str, frames: int | None, frame_shape: FrameShape | None) -> Named:
    module_name, _, attribute = name.partition(":")
    model = _made(name, _attribute(_module(module_name), attribute))
    config = getattr(model, "config", None)
    if frames is not None and getattr(config, "frames", frames) != frames:
        model = _with_frames(name, model, config, frames)
        config = model.config
    shape = frame_shape or getattr(config, "frame_shape", None) or getattr(model, "frame_shape", None)
    if shape is None:
        raise ValueError(
            f"{name} does not say what its frames are: give the shape (--frame-shape HEIGHTxWIDTHxCHANNELS), or the "
            "model an attribute `frame_shape`"
        )
    length = model.warmup_frames + 1 if isinstance(model, Layer) else getattr(config, "frames", None) or frames
    if length is None:
        raise ValueError(f"{name} is no stjax.nn.Layer and does not say how many frames it takes: give --frames")
    height, width, channels = shape
    return Named(name, model, int(length), (height, width, channels))


def _module(name: str) -> ModuleType:
    if "" not in sys.path and str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and not name.startswith(error.name):
            raise ValueError(f"{name} imports {error.name}, which is not installed") from None
        raise ValueError(f"there is no module {name} on Python's path or in {Path.cwd()}") from None


def _attribute(module: ModuleType, attribute: str) -> Any:
    found: Any = module
    for part in attribute.split("."):
        if not hasattr(found, part):
            raise ValueError(
                f'{module.__name__} has no "{attribute}"; of networks it has: {", ".join(_networks(module))}'
            )
        found = getattr(found, part)
    return found


def _networks(module: ModuleType) -> list[str]:
    """Names of what may be a network or make one, of those that the module defines."""
    functions = [k for k, v in vars(module).items() if inspect.isfunction(v) and v.__module__ == module.__name__]
    return [k for k, v in vars(module).items() if isinstance(v, linen.Module)] + functions or ["none"]


def _made(name: str, found: Any) -> linen.Module:
    if not isinstance(found, linen.Module) and callable(found):
        try:
            found = found()
        except TypeError as error:
            raise ValueError(f"{name} could not be called without arguments: {error}") from None
    if not isinstance(found, linen.Module):
        raise ValueError(f"{name} is a {type(found).__name__}, neither a Flax module nor a function that makes one")
    return found


def _with_frames(name: str, model: Any, config: Any, frames: int) -> Any:
    try:
        return model.clone(config=replace(config, frames=frames))
    except TypeError as error:
        raise ValueError(f"{name} has T = {config.frames}, and no other can be set: {error}") from None
