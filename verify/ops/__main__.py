"""`python -m verify.ops`: the command in verify.commands.ops."""

import sys

from verify.commands.ops import main

if __name__ == "__main__":
    sys.exit(main())
