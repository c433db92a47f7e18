"""Hostile input, made from a seed: models, plans, certificates and command lines that no honest program would write."""
