"""`python -m tests.kept NAME '...'`: writes tests/kept/NAME.tflite from what stands in a printed `Kept.of('...')`."""

import sys

from tests.kept import FOLDER, Kept

if __name__ == "__main__":
    name, text = sys.argv[1:]
    (FOLDER / f"{name}.tflite").write_bytes(Kept.of(text).bytes())
