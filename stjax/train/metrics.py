"""How well a network classifies, from its confusion matrix."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float64, Int64


@dataclass(frozen=True, eq=False)
class Metrics:
    """Counts over a set of clips.

    Args:
      confusion: clips by true class (row) and predicted class (column).
      loss: mean cross-entropy, in nats.
      classes: names, in label order.
      ordered: labels that only the order of frames tells apart ("moving classes").
    """

    confusion: Int64[np.ndarray, "classes classes"]
    loss: float
    classes: tuple[str, ...]
    ordered: tuple[int, ...]

    @property
    def count(self) -> int:
        return int(self.confusion.sum())

    @property
    def accuracy(self) -> float:
        """Correct clips over all clips."""
        return _ratio(self.confusion.trace(), self.confusion.sum())

    @property
    def per_class(self) -> Float64[np.ndarray, " classes"]:
        """Recall of each class; NaN for a class without clips."""
        totals = self.confusion.sum(1)
        return np.divide(self.confusion.diagonal(), totals, out=np.full(len(totals), np.nan), where=totals > 0)

    @property
    def ordered_accuracy(self) -> float:
        """Accuracy over the clips whose true class is an ordered one; NaN if there are none."""
        chosen = list(self.ordered)
        return _ratio(self.confusion.diagonal()[chosen].sum(), self.confusion[chosen].sum())

    def to_json(self) -> dict[str, Any]:
        """Plain numbers for a file, which `from_json` reads back."""
        return {
            "accuracy": self.accuracy,
            "ordered_accuracy": self.ordered_accuracy if self.ordered else None,
            "loss": self.loss,
            "confusion": self.confusion.tolist(),
            "classes": list(self.classes),
            "ordered": list(self.ordered),
        }

    def table(self) -> str:
        """The confusion matrix as text, with the recall of each class."""
        width = max(len(name) for name in self.classes) + 2
        lines = [" " * width + "".join(f"{name:>{width}}" for name in self.classes) + "    recall"]
        for name, row, recall in zip(self.classes, self.confusion, self.per_class, strict=True):
            lines.append(f"{name:<{width}}" + "".join(f"{n:>{width}}" for n in row) + f"{recall:>10.4f}")
        return "\n".join(lines)


def from_json(value: dict[str, Any]) -> Metrics:
    """Reads what `Metrics.to_json` wrote."""
    return Metrics(
        np.array(value["confusion"], np.int64), value["loss"], tuple(value["classes"]), tuple(value["ordered"])
    )


def _ratio(part: np.integer, whole: np.integer) -> float:
    return float(part / whole) if whole else float("nan")
