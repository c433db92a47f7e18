"""Operators on int16 activations, weights stay int8: one file per family. `verify.ops.registry` says when one is taken.

All zero points are 0. Sums have 64 bits, as TFLM has them.
"""
