"""Executed instructions per unit of work of what is no kernel's: written by the tool that measures it.

python -m benchmarks.kernels.fit
"""

from collections.abc import Mapping

PRICES: Mapping[str, Mapping[str, float]] = {
    "generated code": {
        "call by regions": 15.832,
        "call by rows": 23.736,
        "firing": 21.0776,
        "row": 186.008,
        "run": 105.186,
        "step": 0,
    },
}
