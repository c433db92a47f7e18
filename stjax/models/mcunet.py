"""The networks of the MCUNet zoo, from their published configurations, and their weights from .tflite files.

The zoo's int8 models pad all convolutions by half a kernel on each side, clip activations to 0 to 6 by the range of
their quantization, and end in a global mean and a 1 x 1 convolution, which is the dense layer here.

References: Lin et al., "MCUNet", 2020; "MCUNetV2", 2021.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
from flax.traverse_util import flatten_dict, unflatten_dict

from stjax.models.tflite_weights import WeightedOperator, read_operators
from stjax.nn import Composite, Conv, Dense, GlobalPool, InvertedResidual, Layer, Sequential


@dataclass(frozen=True)
class ConvSpec:
    """A convolution with an activation: output channels, taps and stride of height and width."""

    features: int
    kernel: int
    stride: int


@dataclass(frozen=True)
class BlockSpec:
    """An inverted residual.

    Args:
      features: output channels.
      kernel, stride: of the depthwise convolution.
      hidden: channels of the depthwise convolution.
      expands: whether a 1 x 1 convolution makes them.
      shortcut: whether the input is added.
    """

    features: int
    kernel: int
    stride: int
    hidden: int
    expands: bool
    shortcut: bool


@dataclass(frozen=True)
class MCUNetConfig:
    """An architecture of the zoo.

    Args:
      resolution: height and width of the input; it has three channels.
      first: the first convolution.
      blocks: inverted residuals.
      mix: a 1 x 1 convolution before the mean, or None.
      classes: outputs.
    """

    resolution: int
    first: ConvSpec
    blocks: tuple[BlockSpec, ...]
    mix: ConvSpec | None
    classes: int

    @property
    def frame_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of a frame."""
        return self.resolution, self.resolution, 3


class MCUNet(Composite):
    """A network of the zoo. Frames are RGB in [-1, 1]; it treats each frame of a clip by itself.

    Args:
      config: the architecture.
    """

    config: MCUNetConfig

    def network(self, channels: int) -> Layer:
        config = self.config
        layers: list[Layer] = [_conv(config.first, "first_conv")]
        layers += [_block(spec, f"block{i}") for i, spec in enumerate(config.blocks)]
        if config.mix is not None:
            layers.append(_conv(config.mix, "feature_mix"))
        return Sequential((*layers, GlobalPool(name="pool"), Dense(config.classes, name="classifier")))


def from_config(config: Mapping[str, Any]) -> MCUNet:
    """The network of one of the zoo's JSON files.

    Args:
      config: the file's contents: first_conv, blocks, feature_mix_layer, classifier, resolution.

    Raises:
      ValueError: if something in it is not supported, by name.
    """
    missing = [name for name in ("first_conv", "blocks", "classifier", "resolution") if name not in config]
    if missing:
        raise ValueError(f"the configuration has no {', '.join(missing)}")
    mix = config.get("feature_mix_layer")
    blocks = (_block_spec(block, index) for index, block in enumerate(config["blocks"]))
    return MCUNet(
        MCUNetConfig(
            resolution=config["resolution"],
            first=_conv_spec(config["first_conv"]),
            blocks=tuple(spec for spec in blocks if spec is not None),
            mix=_conv_spec(mix) if mix else None,
            classes=config["classifier"]["out_features"],
        )
    )


def load_tflite_weights(module: MCUNet, contents: bytes) -> dict[str, Any]:
    """The variables of a network, taken from an int8 .tflite of the same architecture.

    Args:
      module: what `from_config` gave.
      contents: the file's bytes.

    Returns:
      {"params": ...} with the weights as floats. The float network then agrees with the int8 one up to the rounding of
      activations.

    Raises:
      ValueError: if the file is no .tflite, or its layers are not those of the network; names the first difference.
    """
    clip = jax.ShapeDtypeStruct((1, *module.config.frame_shape), jnp.float32)
    shapes: dict[Any, Any] = flatten_dict(jax.eval_shape(module.init, jax.random.key(0), clip)["params"])
    places = list(_places(module.config))
    operators = read_operators(contents)
    if len(operators) != len(places):
        raise ValueError(f"the model has {len(operators)} layers with weights, the network {len(places)}")
    flat: dict[tuple[str, ...], jax.Array] = {}
    for place, operator in zip(places, operators, strict=True):
        flat[*place, "kernel"] = _fitted(operator, shapes[*place, "kernel"].shape, ".".join(place))
        flat[*place, "bias"] = jnp.asarray(operator.bias)
    return {"params": unflatten_dict(flat)}


def _fitted(operator: WeightedOperator, shape: tuple[int, ...], place: str) -> jax.Array:
    """The kernel, if it has the expected shape. A 1 x 1 convolution after the mean is a dense layer."""
    kernel = operator.kernel
    if operator.kind == "conv" and len(shape) == 2 and kernel.shape[:2] == (1, 1):
        kernel = kernel[0, 0]
    if kernel.shape != shape:
        raise ValueError(
            f'layer "{place}" has a kernel of shape {shape}, but that of operator "{operator.name}" has shape '
            f"{operator.kernel.shape}"
        )
    return jnp.asarray(kernel)


def _places(config: MCUNetConfig) -> Iterator[tuple[str, ...]]:
    """Paths of the layers with weights, in the order in which they run."""
    yield ("first_conv",)
    for i, spec in enumerate(config.blocks):
        parts = ("expand", "depthwise", "project") if spec.expands else ("depthwise", "project")
        yield from ((f"block{i}", part) for part in parts)
    if config.mix is not None:
        yield ("feature_mix",)
    yield ("classifier",)


def _conv(spec: ConvSpec, name: str) -> Layer:
    return Conv(spec.features, spec.kernel, stride=spec.stride, padding="symmetric", activation="relu6", name=name)


def _block(spec: BlockSpec, name: str) -> Layer:
    return InvertedResidual(
        spec.features,
        spec.kernel,
        spec.stride,
        hidden=spec.hidden,
        padding="symmetric",
        shortcut=spec.shortcut,
        activation="relu6",
        name=name,
    )


def _conv_spec(config: Mapping[str, Any]) -> ConvSpec:
    _require(config, "a convolution", act_func="relu6", dilation=1, groups=1)
    return ConvSpec(config["out_channels"], config["kernel_size"], config["stride"])


def _block_spec(block: Mapping[str, Any], index: int) -> BlockSpec | None:
    """None for a block that only passes its input on."""
    conv, shortcut = block.get("mobile_inverted_conv"), block.get("shortcut")
    if conv is None or conv.get("name") == "ZeroLayer":
        if shortcut is None:
            raise ValueError(f"block {index} has neither a convolution nor a shortcut")
        return None
    _require(conv, f"block {index}", act_func="relu6", use_se=False)
    expands = conv["expand_ratio"] != 1
    hidden = conv.get("mid_channels") or round(conv["in_channels"] * conv["expand_ratio"])
    if expands == (hidden == conv["in_channels"]):
        raise ValueError(
            f"block {index}: {hidden} channels inside do not go with an expansion of {conv['expand_ratio']}"
        )
    return BlockSpec(conv["out_channels"], conv["kernel_size"], conv["stride"], hidden, expands, shortcut is not None)


def _require(config: Mapping[str, Any], where: str, **expected: Any) -> None:
    for name, value in expected.items():
        if config.get(name, value) != value:
            raise ValueError(f'{where} has {name} "{config[name]}"; only "{value}" is supported')
