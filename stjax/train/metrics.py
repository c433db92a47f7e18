"""How well a network classifies, from its confusion matrix."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from jaxtyping import Float64, Int64


@dataclass(frozen=True, eq=False)
class Metrics:
    """Counts over a set of clips, or of the frames in them that have labels.

    Args:
      confusion: clips (or frames) by true class (row) and predicted class (column).
      loss: mean over clips of the cross-entropy, in nats, or of the run's own loss.
      classes: names, in label order.
      ordered: labels that only the order of frames tells apart ("moving classes").
      more: means over clips of the run's own metrics.
      earlier: of a network of several outputs, the same counts of those before the last.
    """

    confusion: Int64[np.ndarray, "classes classes"]
    loss: float
    classes: tuple[str, ...]
    ordered: tuple[int, ...]
    more: Mapping[str, float] = field(default_factory=dict)
    earlier: tuple["Metrics", ...] = ()

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
            "more": dict(self.more),
            "earlier": [output.to_json() for output in self.earlier],
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
        confusion=np.array(value["confusion"], np.int64),
        loss=value["loss"],
        classes=tuple(value["classes"]),
        ordered=tuple(value["ordered"]),
        more=value.get("more", {}),
        earlier=tuple(map(from_json, value.get("earlier", []))),
    )


def _ratio(part: np.integer, whole: np.integer) -> float:
    return float(part / whole) if whole else float("nan")
