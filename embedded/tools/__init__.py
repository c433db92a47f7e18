"""Builds generated models into firmware, runs it on this computer or under QEMU, and measures memory and instructions.

`make run`, `make build` and `make sizes` in embedded/ are the command line; `firmware.build` and `firmware.run` are the
same for tests and experiments. All figures come from the linked image and from the run; all sizes are bytes.
"""
