"""`python -m verify.plan`: the command in verify.commands.plan."""

import sys

from verify.commands.plan import main

if __name__ == "__main__":
    sys.exit(main())
