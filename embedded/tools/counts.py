"""What the QEMU plugin wrote: instructions per pair of markers, and for a profile per instruction address, of all
that was executed and of the calls from each place.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from embedded.tools.board import FirmwareError
from embedded.tools.image import Image


@dataclass(frozen=True)
class Counts:
    """Executed instructions per sample, and the sum over all samples per address (empty without a profile).

    `calls` has, by the address of a calling instruction, how often it called and what was executed then.
    """

    samples: tuple[int, ...]
    by_address: Mapping[int, int]
    calls: Mapping[int, "CallCounts"] = field(default_factory=dict)


@dataclass(frozen=True)
class CallCounts:
    """Calls from one place, all samples together, and the instructions executed in them per address."""

    times: int
    by_address: dict[int, int]


@dataclass(frozen=True)
class OperatorCounts:
    """What the kernel of one operator took, all samples together: calls, instructions, instructions per function."""

    times: int
    instructions: int
    by_function: Mapping[str, int]


def read_counts(text: str, samples: int) -> Counts:
    """Raises FirmwareError unless there is one count per sample."""
    counts = []
    everything: dict[int, int] = {}
    calls: dict[int, CallCounts] = {}
    by_address = everything
    for line in text.splitlines():
        kind, *numbers = line.split()
        if kind == "count":
            counts.append(int(numbers[0]))
        elif kind == "call":
            by_address = {}
            calls[int(numbers[0], 16)] = CallCounts(int(numbers[1]), by_address)
        else:
            by_address[int(numbers[0], 16)] = int(numbers[1])
    if len(counts) != samples:
        raise FirmwareError(f"QEMU's plugin counted {len(counts)} inferences instead of {samples}")
    return Counts(tuple(counts), everything, calls)


def by_operator(image: Image, counts: Counts, operators: Mapping[int, int]) -> dict[int, OperatorCounts]:
    """What each operator's kernel took, in the order of the model file.

    Args:
      image: the image that ran.
      counts: of its run.
      operators: the operator of each calling instruction (embedded.tools.calls).
    """
    times: dict[int, int] = {}
    addresses: dict[int, dict[int, int]] = {}
    for site, call in counts.calls.items():
        operator = operators[site]
        times[operator] = times.get(operator, 0) + call.times
        merged = addresses.setdefault(operator, {})
        for address, count in call.by_address.items():
            merged[address] = merged.get(address, 0) + count
    return {
        operator: OperatorCounts(times[operator], sum(merged.values()), by_function(image, merged))
        for operator, merged in sorted(addresses.items())
    }


def by_function(image: Image, by_address: Mapping[int, int]) -> dict[str, int]:
    """Instructions per function, all samples together, the busiest first. What was inlined counts where it went."""
    totals: dict[str, int] = {}
    for address, count in by_address.items():
        function = image.function_at(address)
        name = function.label if function else f"{address:#x}"
        totals[name] = totals.get(name, 0) + count
    return dict(sorted(totals.items(), key=lambda item: (-item[1], item[0])))
