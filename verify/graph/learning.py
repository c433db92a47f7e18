"""A head that learns on the device in place of a network's last layer: what a plan says of it, and that layer.

Data only; verify.learning knows the heads.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Learning:
    """What a plan says of the head that learns.

    Args:
      head: its name (verify.learning).
      classes: labels that it tells apart, those of the model among them.
      features: int8 values that an example has.
      room: examples that it keeps for rehearsal.
      passes: through what it keeps, with each example.
      rate, bias_rate: right shifts of gradients, left ones where negative.
      bytes: of the struct that holds all of it; what the plan counts as SRAM.
    """

    head: str
    classes: int
    features: int
    room: int
    passes: int
    rate: int
    bias_rate: int
    bytes: int


@dataclass(frozen=True, eq=False)
class Readout:
    """The dense layer that was taken off a network, in real numbers, and how its operand is quantized.

    Args:
      label: of the operator, for messages.
      weights: float64 [classes, features].
      bias: float64 [classes].
      scale, zero_point: of the features.
    """

    label: str
    weights: np.ndarray
    bias: np.ndarray
    scale: float
    zero_point: int
