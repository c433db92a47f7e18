"""The demonstration model: a MobileNetV2 in miniature with seeded random weights, quantized to int8.

Images are `batch height width channels`, pixels in [-1, 1]. The weights are not trained: what the model shows is how
memory and instructions behave, and for that only the shapes and the ranges of its tensors matter.
"""
# pyright: reportMissingImports=false

import flax.linen as nn
import jax
import numpy as np

from experiments.demo_model.inputs import IMAGE_SHAPE, calibration_images
from export.tflite import to_tflite

CLASSES = 10

# Zero biases would vanish from the model, and a convolution without bias is not what trained models have.
_BIAS = nn.initializers.normal(0.1)
_KERNEL = nn.initializers.he_normal()


def _conv(features: int, kernel: int = 1, stride: int = 1, groups: int = 1) -> nn.Conv:
    return nn.Conv(features, (kernel, kernel), stride, feature_group_count=groups, kernel_init=_KERNEL, bias_init=_BIAS)


class InvertedResidual(nn.Module):
    """Expand, convolve each channel by itself, project; add the input where the shapes agree."""

    features: int
    expansion: int
    stride: int = 1
    kernel: int = 3

    @nn.compact
    def __call__(self, x: jax.Array) -> jax.Array:
        channels = x.shape[-1]
        wide = channels * self.expansion
        y = nn.relu6(_conv(wide)(x))
        y = nn.relu6(_conv(wide, self.kernel, self.stride, groups=wide)(y))
        y = _conv(self.features)(y)
        return x + y if self.stride == 1 and channels == self.features else y


class DemoNet(nn.Module):
    """Five blocks, 64 x 64 pixels to 8 x 8, a global mean and a dense layer."""

    @nn.compact
    def __call__(self, x: jax.Array) -> jax.Array:
        x = nn.relu6(_conv(8, kernel=3, stride=2)(x))
        x = InvertedResidual(8, expansion=2)(x)
        x = InvertedResidual(16, expansion=3, stride=2)(x)
        x = InvertedResidual(16, expansion=3)(x)
        x = InvertedResidual(24, expansion=3, stride=2, kernel=5)(x)
        x = InvertedResidual(24, expansion=3)(x)
        return nn.Dense(CLASSES, bias_init=_BIAS)(x.mean((1, 2)))


def make(seed: int = 0) -> bytes:
    """The quantized model as a .tflite file's bytes; `seed` draws weights and calibration images."""
    network = DemoNet()
    params = network.init(jax.random.key(seed), np.zeros(IMAGE_SHAPE, np.float32))
    return to_tflite(network.apply, params, np.zeros(IMAGE_SHAPE), calibration_images(32, seed))
