"""Files whole or not at all: written beside their place and renamed, and read without following what is no file.

Renaming puts a file where the target was, whatever that was: over `/dev/full` it would take a device's place. So only
what does not exist yet and regular files are written over. A link is followed to the file that it names.
"""

import contextlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFLNK: "a link to what does not exist",
}


class FileError(Exception):
    """A file that cannot be written; the message says which and why."""


def place_of(path: Path) -> Path:
    """Where a file called `path` is written: there, or where a link to a file leads.

    Raises:
      FileError: something stands there that is no regular file, or its folder does not exist.
    """
    try:
        if path.is_symlink() and path.exists():
            path = path.resolve(strict=True)
        mode = path.lstat().st_mode
    except FileNotFoundError:
        if path.parent.is_dir():
            return path
        raise FileError(f"{path}: there is no folder {path.parent}") from None
    except (OSError, ValueError, RuntimeError) as error:  # a name with a NUL, links in a circle
        raise FileError(f"{_shown(path)}: {_reason(error)}") from None
    if not stat.S_ISREG(mode):
        raise FileError(f"{path}: is {KINDS.get(stat.S_IFMT(mode), 'no regular file')}; only files are written over")
    return path


def write_file(path: Path, contents: str | bytes) -> None:
    """Writes a file whole or not at all. Text becomes UTF-8.

    Raises:
      FileError: as `place_of`, or the folder is not writable, or the disk is full.
    """
    temporary = None
    try:
        place = place_of(path)
        handle, temporary = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name[:64]}.")
        with os.fdopen(handle, "wb") as stream:
            stream.write(contents.encode() if isinstance(contents, str) else contents)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, place)
    except FileError as error:
        raise FileError(f"{error}; nothing was written") from None
    except OSError as error:
        if temporary is not None:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
        raise FileError(f"{path}: {_reason(error)}; nothing was written") from None


def write_into(folder: Path, files: Mapping[str, str]) -> None:
    """Writes all files into a new folder inside `folder`, then moves each into place: a failure leaves the old ones.

    Raises:
      FileError: the folder cannot be made or written, or something stands in a file's place that is no file.
    """
    with _staging(folder, folder, ".writing-") as staging:
        places = {name: place_of(folder / name) for name in files}
        _write_all(staging, files)
        for name, place in places.items():
            os.replace(staging / name, place)


def replace_folder(folder: Path, files: Mapping[str, str | bytes], mark: str, what: str) -> None:
    """Writes a folder beside its place, then puts it there; an older one, which has a file `mark`, is replaced whole.

    Names may have folders in them, with /.

    Raises:
      FileError: the place holds something else, or cannot be written.
    """
    with _staging(folder, folder.parent, f".{folder.name[:64]}-") as staging:
        if folder.is_symlink() or (folder.exists() and not _replaceable(folder, mark)):
            raise FileError(f"{folder}: exists and is no {what}; name a new folder")
        whole, old = staging / "new", staging / "old"
        whole.mkdir()
        _write_all(whole, files)
        if folder.exists():
            os.replace(folder, old)
        try:
            os.replace(whole, folder)
        except OSError:
            if old.exists():
                os.replace(old, folder)
            raise


@contextlib.contextmanager
def _staging(folder: Path, parent: Path, prefix: str) -> Iterator[Path]:
    """A new folder in `parent`, for what is to come into `folder`; it is gone afterwards, with what is left in it.

    Raises:
      FileError: as the body, or something in it or here cannot be written.
    """
    staging = None
    try:
        parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(dir=parent, prefix=prefix))
        yield staging
    except FileError as error:
        raise FileError(f"{error}; nothing was written") from None
    except (OSError, ValueError) as error:
        raise FileError(f"{_shown(folder)}: {_reason(error)}; nothing was written") from None
    finally:
        if staging is not None:
            shutil.rmtree(staging, ignore_errors=True)


def _write_all(folder: Path, files: Mapping[str, str | bytes]) -> None:
    for name, contents in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(contents.encode() if isinstance(contents, str) else contents)


def _replaceable(folder: Path, mark: str) -> bool:
    return folder.is_dir() and ((folder / mark).is_file() or not any(folder.iterdir()))


def read_at_most(path: Path, most_bytes: int) -> bytes:
    """What a file or a pipe holds; reading ends one byte after `most_bytes`, so a device does not go on for ever.

    Raises:
      FileError: it cannot be read, or holds more.
    """
    try:
        with path.open("rb") as stream:
            contents = stream.read(most_bytes + 1)
    except (OSError, ValueError) as error:
        raise FileError(f"{_shown(path)}: {_reason(error)}") from None
    if len(contents) > most_bytes:
        raise FileError(f"{path}: larger than {most_bytes >> 20} MiB")
    return contents


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


def _shown(path: Path) -> str:
    return str(path).replace("\0", "\\0")
