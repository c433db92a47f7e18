"""Window algebra along one axis: which input positions an output position needs. All intervals are half open.

    output y reads start(y) + j * dilation for 0 <= j < kernel, with start(y) = (y * stride - pad_before) // upsample

Where outputs are denser than inputs, how many positions one of them reads may depend on its phase, the remainder of
that division: the last tap is missing where it is below `short`. So the positions end before

    end(y) = (y * stride - pad_before - short) // upsample + (kernel - 1) * dilation + 1

Positions outside the tensor are padding: they hold no data and are never read.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Window:
    """Geometry of a sliding window along one axis; `upsample` > 1 makes outputs denser than inputs (resizing).

    Args:
      kernel: taps, >= 1.
      stride: output step in (upsampled) input positions, >= 1.
      dilation: distance between taps in input positions, >= 1.
      pad_before: positions of padding before index 0; a negative value skips that many input positions.
      upsample: how many upsampled positions one input position covers, >= 1.
      short: phases without the last tap, 0 <= short < upsample; with dilation 1 only.
    """

    kernel: int = 1
    stride: int = 1
    dilation: int = 1
    pad_before: int = 0
    upsample: int = 1
    short: int = 0

    def __post_init__(self) -> None:
        for name in ("kernel", "stride", "dilation", "upsample"):
            if getattr(self, name) < 1:
                raise ValueError(f"window {name} (={getattr(self, name)}) must be at least 1")
        if not 0 <= self.short < self.upsample or (self.short and self.dilation > 1):
            rule = f"in [0, {self.upsample}), and 0 where taps are {self.dilation} apart"
            raise ValueError(f"window short (={self.short}) must be {rule}")

    @property
    def reach(self) -> int:
        """Positions from the first to one past the last tap."""
        return (self.kernel - 1) * self.dilation + 1

    def start(self, output: int) -> int:
        """First tap of `output`; may lie in the padding (negative)."""
        return (output * self.stride - self.pad_before) // self.upsample

    def end(self, output: int) -> int:
        """One past the last tap of `output`; may lie in the padding, and at its start where it has no tap."""
        return (output * self.stride - self.pad_before - self.short) // self.upsample + self.reach

    def need(self, lo: int, hi: int, extent: int) -> tuple[int, int]:
        """Input interval, clipped to [0, extent), that outputs [lo, hi) read; empty intervals are (0, 0)."""
        if hi <= lo:
            return 0, 0
        first = max(0, self.start(lo))
        last = min(extent, self.end(hi - 1))
        return (first, last) if last > first else (0, 0)


POINTWISE = Window()


@dataclass(frozen=True)
class Padding:
    """Positions added around an image, and the stored value that the model puts there."""

    top: int = 0
    bottom: int = 0
    left: int = 0
    right: int = 0
    value: int = 0
