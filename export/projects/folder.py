"""The folder that `python -m export` writes: whole or not at all, and never over what somebody else wrote.

A list of checksums (`sha256sum -c` reads it) stands in it. By that list an older export is known again: every file of
the folder is listed and unchanged, or comes from building it. Only such a folder is replaced; an example that somebody
has made his own program, or a file that somebody has added, is a reason to refuse.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from verify.commands.files import FileError, replace_folder

SUMS = "SHA256SUMS"
WHAT = "folder of python -m export"
BUILT = re.compile(r"(.+/)?(example|a\.out|[^/]+\.(o|d|su|ci|elf))|build/.*|(sample|camera)/build/.*")
"""What the folder's build and compilers leave there; it may go."""

_LINE = re.compile(r"([0-9a-f]{64})  ([^\0]+)")


def write_project(folder: Path, files: Mapping[str, str | bytes]) -> None:
    """Writes a folder of these files and their checksums; an older export, unchanged, is replaced whole.

    Names may have folders in them, with /.

    Raises:
      FileError: the place holds something else, or cannot be written.
    """
    check_place(folder)
    sums = "".join(f"{_sha256(_bytes(contents))}  {name}\n" for name, contents in sorted(files.items()))
    replace_folder(folder, {**files, SUMS: sums}, SUMS, WHAT)


def check_place(folder: Path) -> None:
    """Refuses a place that `write_project` would refuse, before anything long is begun.

    Raises:
      FileError: it holds something that no export wrote.
    """
    try:
        if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
            raise FileError(f"{folder}: exists and is no {WHAT}; name a new folder")
        foreign = sorted(_foreign(folder)) if folder.exists() else []
    except (OSError, ValueError) as error:
        raise FileError(f"{str(folder)!r}: {getattr(error, 'strerror', None) or error}") from None
    if foreign:
        more = f" and {len(foreign) - 3} more" if len(foreign) > 3 else ""
        raise FileError(
            f"{folder}: holds what python -m export did not write, or what was changed since: "
            f"{', '.join(foreign[:3])}{more}; name a new folder, or move that away"
        )
    if folder.resolve() in (here := Path.cwd(), *here.parents):
        raise FileError(f"{folder}: you are in it, and it would be replaced; name a new folder")


def _foreign(folder: Path) -> Iterator[str]:
    """Paths in the folder that are neither as they were written nor left by a build."""
    listed = _sums(folder / SUMS)
    folders = {str(parent) for name in listed for parent in PurePosixPath(name).parents}
    todo = [folder]
    while todo:
        for path in todo.pop().iterdir():
            name = path.relative_to(folder).as_posix()
            if path.is_symlink() or not path.is_file():
                if path.is_symlink() or not path.is_dir() or not (name in folders or BUILT.fullmatch(f"{name}/")):
                    yield name
                elif name in folders:
                    todo.append(path)
            elif name in listed:
                if _sha256(path.read_bytes()) != listed[name]:
                    yield name
            elif (name != SUMS or not listed) and not (listed and BUILT.fullmatch(name)):
                yield name


def _sums(path: Path) -> dict[str, str]:
    """Name -> checksum; nothing where there is no such list."""
    if path.is_symlink() or not path.is_file():
        return {}
    lines = [_LINE.fullmatch(line) for line in path.read_text(errors="replace").splitlines()]
    return {line[2]: line[1] for line in lines if line} if all(lines) else {}


def _bytes(contents: str | bytes) -> bytes:
    return contents.encode() if isinstance(contents, str) else contents


def _sha256(contents: bytes) -> str:
    return hashlib.sha256(contents).hexdigest()
