"""Kernels, boards and programs around a model, in C: data of this package, which `python -m export` copies from."""
