"""One real model from file to emulated microcontroller: plan, proof, C, firmware, and its output checked bit by bit."""
