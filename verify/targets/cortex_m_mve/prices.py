"""Executed instructions per unit of work of each kernel of this package: written by the tool that measures them.

python -m benchmarks.kernels.fit
"""

from collections.abc import Mapping

PRICES: Mapping[str, Mapping[str, float]] = {}
