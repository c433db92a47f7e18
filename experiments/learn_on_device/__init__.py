"""Learning on the emulated Cortex-M7: a class, or a person, that training never saw, from a few clips."""
