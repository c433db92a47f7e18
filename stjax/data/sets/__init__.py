"""The datasets. A module in this folder is a dataset by being there, if it has a `DATASET` (stjax.data.registry).

Each says in one place what its files look like, where they come from and under which licence, how they are read, what
flips and reversal do to its labels, and what to do when the files are not there.
"""
