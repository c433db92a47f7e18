"""`python -m verify.tflm`: the command in verify.commands.tflm."""

import sys

from verify.commands.tflm import main

if __name__ == "__main__":
    sys.exit(main())
