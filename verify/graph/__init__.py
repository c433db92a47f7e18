"""Frozen data that every other part shares: tensors, windows, graphs and plans. No algorithms, no files, no solver."""
