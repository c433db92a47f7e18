"""A camera's lines, on a timer's interrupts, into a network that runs frame by frame on an emulated Cortex-M7."""
