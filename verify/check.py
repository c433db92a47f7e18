"""`python -m verify.check`: the command in verify.commands.check."""

import sys

from verify.commands.check import main

if __name__ == "__main__":
    sys.exit(main())
