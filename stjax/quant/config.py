"""What quantization-aware training simulates."""

from dataclasses import dataclass
from typing import Literal

INPUT = "input"
"""Name of the network input's grid, beside the layers' places."""


@dataclass(frozen=True)
class QuantConfig:
    """Fake quantization of a network.

    Args:
      weight_bits: of kernels, symmetric, one grid per output channel; None leaves them in float.
      activation_bits: of layers' results, one grid per tensor; None leaves them in float. Only 8 can be exported; 16
        is a reference for what rounding activations costs.
      ranges: "moving" follows each result's lowest and highest value in a batch by moving averages; "learned" makes
        both ends parameters, which the optimizer moves (start them with `observe`).
      momentum: weight of the old average in the new one, 0 to 1.
      delay_steps: training steps that only observe ranges before results are quantized.
      input_range: lowest and highest value of the network's input.

    Raises:
      ValueError: if a field is out of range.
    """

    weight_bits: int | None = 8
    activation_bits: int | None = 8
    ranges: Literal["moving", "learned"] = "moving"
    momentum: float = 0.99
    delay_steps: int = 0
    input_range: tuple[float, float] = (0.0, 1.0)

    def __post_init__(self) -> None:
        for name, most in (("weight_bits", 8), ("activation_bits", 16)):
            bits = getattr(self, name)
            if bits is not None and not 2 <= bits <= most:
                raise ValueError(f"{name} (={bits}) must be from 2 to {most}, or None")
        if self.ranges not in ("moving", "learned"):
            raise ValueError(f'ranges "{self.ranges}" is neither "moving" nor "learned"')
        if not 0 <= self.momentum < 1:
            raise ValueError(f"momentum (={self.momentum}) must be at least 0 and less than 1")
        low, high = self.input_range
        if not low < high:
            raise ValueError(f"input_range {self.input_range} must be in order")
