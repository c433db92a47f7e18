"""`python -m verify.recheck`: the command in verify.commands.recheck."""

import sys

from verify.commands.recheck import main

if __name__ == "__main__":
    sys.exit(main())
