"""Shares of several runs in a table's cell."""

import statistics
from collections.abc import Iterable


def percent(shares: Iterable[float | None]) -> str:
    """Mean and sample standard deviation, in percent; "-" where there is nothing."""
    found = [100 * share for share in shares if share is not None]
    if not found:
        return "-"
    mean = f"{statistics.mean(found):.2f}"
    return f"{mean} ± {statistics.stdev(found):.2f}" if len(found) > 1 else mean
