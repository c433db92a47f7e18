"""calls.c, compiled for this host: once per user and version of its source, or else per process."""

import atexit
import functools
import hashlib
import os
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

HERE = Path(__file__).parent


class NoCompilerError(Exception):
    """There is no C compiler on this machine."""


@functools.cache
def compiler() -> str:
    """The C compiler's command.

    Raises:
      NoCompilerError: see there.
    """
    if found := shutil.which("cc") or shutil.which("gcc") or shutil.which("clang"):
        return found
    raise NoCompilerError("no C compiler (cc, gcc or clang) is installed")


@functools.cache
def shared_library() -> Path:
    """calls.c as a shared library, in a folder that this user alone can write to.

    Raises:
      NoCompilerError: there is no C compiler.
    """
    command = [compiler(), "-std=c99", "-O2", "-fPIC", "-shared", str(HERE / "calls.c"), "-o"]
    source = "".join([*command, *((HERE / name).read_text() for name in ("calls.h", "calls.c"))])
    place = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "stjax-identities"
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = place.lstat()
        safe = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o022
    except OSError:
        safe = False
    if not safe or not os.access(place, os.W_OK):
        place = Path(tempfile.mkdtemp(prefix="stjax-identities-"))
        atexit.register(shutil.rmtree, place, ignore_errors=True)
    library = place / f"{hashlib.sha256(source.encode()).hexdigest()}.so"
    if not library.is_file():
        with tempfile.TemporaryDirectory(dir=place) as new:
            subprocess.run([*command, f"{new}/calls.so"], check=True)
            os.replace(f"{new}/calls.so", library)
    return library
