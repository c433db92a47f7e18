"""The portable kernels: C99 for any 32-bit machine (embedded/kernels), each in the file of its name."""

from verify.targets.registry import kernels_in
from verify.targets.target import Target

TARGET = Target("portable", frozenset(), kernels_in(__path__, __name__), "C99, any 32-bit machine")
