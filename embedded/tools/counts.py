"""What the QEMU plugin wrote: instructions per pair of markers, and per instruction address for a profile."""

from collections.abc import Mapping
from dataclasses import dataclass

from embedded.tools.board import FirmwareError
from embedded.tools.image import Image


@dataclass(frozen=True)
class Counts:
    """Executed instructions per sample, and the sum over all samples per address (empty without a profile)."""

    samples: tuple[int, ...]
    by_address: Mapping[int, int]


def read_counts(text: str, samples: int) -> Counts:
    """Raises FirmwareError unless there is one count per sample."""
    counts = []
    by_address = {}
    for line in text.splitlines():
        kind, *numbers = line.split()
        if kind == "count":
            counts.append(int(numbers[0]))
        else:
            by_address[int(numbers[0], 16)] = int(numbers[1])
    if len(counts) != samples:
        raise FirmwareError(f"QEMU's plugin counted {len(counts)} inferences instead of {samples}")
    return Counts(tuple(counts), by_address)


def by_function(image: Image, counts: Counts) -> dict[str, int]:
    """Instructions per function, all samples together, the busiest first. What was inlined counts where it went."""
    totals: dict[str, int] = {}
    for address, count in counts.by_address.items():
        function = image.function_at(address)
        name = function.label if function else f"{address:#x}"
        totals[name] = totals.get(name, 0) + count
    return dict(sorted(totals.items(), key=lambda item: (-item[1], item[0])))
