"""The stream of words that products of weights with pixels read: biases, weights, rescaling, in the order of the loop.

For each group of output channels (two of them, or four), of which the last one is filled up by channels of zeros:

    biases | per unit of four inputs and word of weights: that of each channel | multiplier, addend, shift of each

embedded/include/stj_product_packed_dsp.h and stj_product_wide_dsp.h say what the words of a unit are, and why.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from verify.ops.weights import Rescale
from verify.targets.cortex_m_dsp.rescaling import LOST, Rescaling, restored

UNIT = 4
"""Inputs of one step of the loop; the last step is filled up by weights of 0."""

PACKED_BITS = 8
"""Of the accumulators where two weights are in a halfword."""

FEWEST, MOST = -(2**15), 2**15 - 1


@dataclass(frozen=True, eq=False)
class Matrix:
    """A layer as a product: `weights` [channels, inputs], `bias` [channels] or None, the zero point of the inputs."""

    weights: np.ndarray
    bias: np.ndarray | None
    input_zero_point: int

    @property
    def units(self) -> int:
        return -(-self.weights.shape[1] // UNIT)

    @property
    def zero_sums(self) -> np.ndarray:
        """What the input's zero point adds to each channel's products, where inputs are taken as stored."""
        return self.input_zero_point * self.weights.astype(np.int64).sum(axis=1)


@dataclass(frozen=True)
class Layout:
    """Of a stream: channels in a group, weights in words of two (`wide`) or of four, and whether shifts are stored."""

    group: int
    wide: bool
    shifts: bool = True

    def words(self, matrix: Matrix) -> int:
        """Of the whole stream."""
        channel = 1 + matrix.units * (2 if self.wide else 1) + (3 if self.shifts else 2)
        return -(-len(matrix.weights) // self.group) * self.group * channel

    def fits(self, matrix: Matrix, plan: Rescaling) -> bool:
        """Whether the weights can be had as halfwords."""
        halves = self._halves(matrix, plan)
        return bool((halves >= FEWEST).all() and (halves <= MOST).all())

    def stream(self, matrix: Matrix, plan: Rescaling) -> np.ndarray:
        """The stream of a layer whose channels are rescaled as `plan` says, int32."""
        halves = self._halves(matrix, plan)
        words = (halves[..., 0] & 0xFFFF) | (halves[..., 1] << 16)
        bias = 0 if matrix.bias is None else matrix.bias.astype(np.int64)
        biases = (bias - matrix.zero_sums) * plan.factor - self._too_high(matrix, plan)
        entries = [plan.multiplier, plan.addend, *([plan.shift] if self.shifts else [])]
        groups = -(-len(words) // self.group)
        # Channels that are not there: no weights, no bias, multiplier 0.
        fill = groups * self.group - len(words)
        parts = (
            np.pad(biases, (0, fill)).reshape(groups, -1),
            np.pad(words, ((0, fill), (0, 0), (0, 0))).reshape(groups, self.group, -1).swapaxes(1, 2),
            np.pad(np.stack(entries, axis=1), ((0, fill), (0, 0))),
        )
        joined = np.concatenate([part.reshape(groups, -1) for part in parts], axis=1)
        return joined.astype(np.uint32).view(np.int32).reshape(-1)

    def constants(
        self, stream: np.ndarray, matrix: Matrix, rescale: Rescale, plan: Rescaling
    ) -> Mapping[str, np.ndarray]:
        """The operator's weights [channels, inputs], bias, multiplier and shift from a stream that was read back.

        Those of channels that give one value are the operator's own, since they do not matter. A stream that is not of
        this layout anywhere, such as in what fills up its groups, has shifts of `LOST`.
        """
        channels, inputs = matrix.weights.shape
        rows = stream.astype(np.int64).reshape(-(-channels // self.group), -1)
        entries = 3 if self.shifts else 2
        biases, words, scales = np.split(rows, (self.group, rows.shape[1] - entries * self.group), axis=1)
        words = words.reshape(len(rows), -1, self.group).swapaxes(1, 2).reshape(-1, matrix.units, 2 if self.wide else 1)
        halves = np.stack([words, words >> 16], axis=-1)[:channels].astype(np.int16).astype(np.int64)
        scales = scales.reshape(-1, entries)[:channels].T
        factor = np.where(plan.live, plan.factor, 1)
        weights = self._taps(halves)[:, :inputs] // self._scale(factor)[:, None]
        weights = np.where(plan.live[:, None], weights, matrix.weights).astype(np.int8)
        found: dict[str, np.ndarray] = {"weights": weights}
        read = Matrix(weights, None, matrix.input_zero_point)
        # Modulo 2^32, as the kernel adds: the scaled bias itself fits, since accumulators do.
        scaled = biases.reshape(-1)[:channels] + read.zero_sums * factor + self._too_high(read, plan)
        if matrix.bias is not None:
            bias = scaled.astype(np.int32).astype(np.int64) // factor
            found["bias"] = np.where(plan.live, bias, matrix.bias).astype(np.int32)
        shift = scales[2] if self.shifts else plan.shift
        multiplier, shift = restored(rescale, plan, (scales[0], scales[1], shift))
        again = self.stream(Matrix(weights, found.get("bias"), matrix.input_zero_point), plan)
        found["multiplier"] = multiplier.astype(np.int32)
        found["shift"] = np.where(np.array_equal(again, stream), shift, LOST).astype(np.int32)
        return found

    def _scale(self, factor: np.ndarray) -> np.ndarray:
        """What weights are multiplied by, where accumulators are by `factor`."""
        return factor if self.wide else np.sign(factor)

    def _units(self, matrix: Matrix, plan: Rescaling) -> np.ndarray:
        """Scaled weights [channels, units, UNIT], int64."""
        scaled = matrix.weights.astype(np.int64) * self._scale(plan.factor)[:, None]
        return np.pad(scaled, ((0, 0), (0, -scaled.shape[1] % UNIT))).reshape(len(scaled), -1, UNIT)

    def _halves(self, matrix: Matrix, plan: Rescaling) -> np.ndarray:
        """Halfwords [channels, units, words, 2], int64; of a unit's inputs 0 and 2 meet in one word."""
        units = self._units(matrix, plan)
        even, odd = units[..., 0::2], units[..., 1::2]
        return np.stack([even, odd], axis=2) if self.wide else (256 * even + odd)[:, :, None]

    def _taps(self, halves: np.ndarray) -> np.ndarray:
        """Scaled weights [channels, inputs] from halfwords."""
        if self.wide:
            even, odd = halves[:, :, 0], halves[:, :, 1]
        else:
            odd = halves[:, :, 0].astype(np.int8).astype(np.int64)
            even = (halves[:, :, 0] - odd) >> 8
        return np.stack([even, odd], axis=-1).reshape(len(halves), -1)

    def _too_high(self, matrix: Matrix, plan: Rescaling) -> np.ndarray:
        """What a channel's products come out too high by, whatever the inputs are."""
        if self.wide:
            return np.zeros(len(matrix.weights), np.int64)
        return 127 * self._units(matrix, plan)[..., 1::2].sum(axis=(1, 2))
