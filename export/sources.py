"""Which of the kernels' files a generated model needs: found by following its #include lines, never listed by hand.

A header in include/ or feed/ is needed where a needed file includes it. The file of the same name in kernels/ or feed/
is what stands behind a header, so it is needed with it.
"""

import re
from collections.abc import Mapping
from pathlib import Path

EMBEDDED = Path(__file__).resolve().parent.parent / "embedded"
"""Beside this package in a clone and in an installed wheel alike."""

_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"([^"\n]+)"', re.MULTILINE)


class MissingSourceError(Exception):
    """A file includes another one that exists nowhere: the emitter and the kernels do not fit together."""


def kernel_files(generated: Mapping[str, str]) -> dict[str, str]:
    """Headers and kernels that the generated files need, those alone: name -> text, sorted by name.

    Args:
      generated: name -> text, as the emitter returns them, and programs that go with them.

    Raises:
      MissingSourceError: a header is included that is neither generated nor among the kernels'.
    """
    places = {
        path.name: path for folder in ("include", "kernels", "feed") for path in (EMBEDDED / folder).rglob("*.[ch]")
    }
    found: dict[str, str] = {}
    todo = list(generated.items())
    while todo:
        name, text = todo.pop()
        for included in _INCLUDE.findall(text):
            if included in generated:
                continue
            if included not in places:
                raise MissingSourceError(f"{name} includes {included}, which {EMBEDDED} does not have")
            behind = f"{included.removesuffix('.h')}.c"
            for file in (included, behind):
                if file in places and file not in found:
                    found[file] = places[file].read_text(encoding="utf-8")
                    todo.append((file, found[file]))
    return dict(sorted(found.items()))


def stack_script() -> str:
    """The check of the stack, which is a program by itself."""
    return (EMBEDDED / "tools" / "stack_check.py").read_text(encoding="utf-8")


def licence_text() -> str:
    """The licence of the kernels."""
    return (EMBEDDED / "LICENSE").read_text(encoding="utf-8")
