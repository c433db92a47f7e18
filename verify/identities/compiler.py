"""The machine of identities, compiled once per process for the host."""

import atexit
import functools
import shutil
import subprocess
import tempfile
from pathlib import Path

MACHINE = Path(__file__).with_name("machine.c")


class NoCompilerError(Exception):
    """There is no C compiler on this machine."""


@functools.cache
def compiler() -> str:
    """The C compiler's command.

    Raises:
      NoCompilerError: see there.
    """
    for name in ("cc", "gcc", "clang"):
        if found := shutil.which(name):
            return found
    raise NoCompilerError("no C compiler (cc, gcc or clang) is installed")


@functools.cache
def machine_object() -> Path:
    """machine.c as an object file that stays until this process ends."""
    folder = Path(tempfile.mkdtemp(prefix="stjax-identities-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    output = folder / "machine.o"
    subprocess.run([compiler(), "-std=c99", "-O2", "-fPIC", "-c", str(MACHINE), "-o", str(output)], check=True)
    return output
