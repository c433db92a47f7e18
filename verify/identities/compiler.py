"""The machine of identities, compiled for this host: once per user and version of its source, or else per process."""

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
OPTIONS = ("-std=c99", "-O2", "-fPIC", "-shared")


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
def machine_library() -> Path:
    """machine.c as a shared library.

    Raises:
      NoCompilerError: there is no C compiler.
    """
    command = compiler()
    parts = [command, *OPTIONS, *((HERE / name).read_text() for name in ("machine.h", "machine.c"))]
    digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()
    name = f"identities-{digest[:32]}.so"
    folder = _own_folder()
    if folder is None:
        folder = Path(tempfile.mkdtemp(prefix="stjax-identities-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
    if not (folder / name).is_file():
        descriptor, new = tempfile.mkstemp(dir=folder, suffix=".so")
        os.close(descriptor)
        subprocess.run([command, *OPTIONS, str(HERE / "machine.c"), "-o", new], check=True)
        os.replace(new, folder / name)
    return folder / name


def _own_folder() -> Path | None:
    """A folder that this user alone can write to, in which compiled code may stay; None where there is none."""
    place = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "stjax-identities"
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = place.lstat()
    except (OSError, RuntimeError):
        return None
    others = stat.S_IWGRP | stat.S_IWOTH
    owned = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & others
    return place if owned and os.access(place, os.W_OK) else None
