"""Quantization-aware training, export, and the layer-by-layer comparison of the two."""
# pyright: reportMissingImports=false

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from experiments.precision.config import PrecisionConfig, training
from experiments.precision.run import clips_of, exported
from experiments.precision.train import quantization_tuned, trained
from experiments.quantization.closeness import Closeness, closeness
from stjax.data import Batches, Splits
from stjax.quant import QuantConfig

Say = Callable[[str], None]


@dataclass(frozen=True)
class Comparison:
    """Of one network.

    Args:
      weight_bits: of its kernels; activations have 8.
      ranges: how the ranges of activations came about: "moving" or "learned".
      clips: test clips that were compared.
      layers: in the order of the network.
    """

    weight_bits: int
    ranges: str
    clips: int
    layers: tuple[Closeness, ...]


def compare(
    config: PrecisionConfig, quant: QuantConfig, clips: int, work: Path, say: Say, splits: Splits | None = None
) -> Comparison:
    """Trains with the first seed, exports, and compares on the first test clips.

    Args:
      config: the training; that of `experiments.precision`, whose finished trainings in `work` are reused.
      quant: what training simulates.
      clips: how many.
      work: folder of the trainings.
      say: is told what is being done.
      splits: the clips; None draws them.
    """
    splits = clips_of(config) if splits is None else splits
    seed, bits = config.seeds[0], quant.weight_bits
    assert bits is not None, "weights are exported in int8"
    say(f"training in float, then with weights of {bits} bits and {quant.ranges} ranges")
    start = trained(config, seed, splits, work)
    variables = quantization_tuned(config, quant, seed, start, splits, work)
    say("exporting and comparing")
    contents = exported(config, quant, seed, variables, splits.train)
    batches = Batches(splits.test, training(config, seed).pipeline, seed)
    chosen = [batches.example(clip)[0] for clip in range(min(clips, len(splits.test)))]
    layers = closeness(config.module, variables, quant, contents, chosen)
    return Comparison(bits, quant.ranges, len(chosen), tuple(layers))
