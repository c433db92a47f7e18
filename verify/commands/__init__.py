"""The command-line programs, one module each, and what they share. `python -m verify.NAME` runs `main` of NAME."""
