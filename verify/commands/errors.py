"""How a command ends that cannot do what was asked: one line on standard error, JSON where that was asked for, a code.

    {"error": {"kind": "input", "message": "...", "exit_code": 2}}

Kinds: "arguments" (the command line), "input" (what it names), "not proved", "interrupted", and "internal" (a fault of
this program, with the place where it happened; nothing is known then, so the code is that of "unknown").
"""

import argparse
import json
import os
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

PROVED, DOES_NOT_FIT, BAD_INPUT, NOT_PROVED = 0, 1, 2, 3
INTERRUPTED = 130
TRACEBACK = "STJAX_TRACEBACK"
"""The environment variable that asks for Python's own account of an internal error."""


class InputError(Exception):
    """Something the user gave cannot be used; the message says what, and what would do. JSON has `details`, too."""

    kind = "input"
    exit_code = BAD_INPUT

    def __init__(self, message: str, **details: object) -> None:
        super().__init__(message)
        self.details = details


class ArgumentsError(InputError):
    """The command line itself; the message is argparse's."""

    kind = "arguments"


class NotProvedError(InputError):
    """What was asked for needs a proof, and there is none."""

    kind = "not proved"
    exit_code = NOT_PROVED


class Parser(argparse.ArgumentParser):
    """Wrong arguments end like any other input that cannot be used."""

    def error(self, message: str) -> NoReturn:
        raise ArgumentsError(f"{message}; {self.prog} --help says what there is")


def seconds(text: str) -> float:
    """An argument that is a time."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0.001 <= value <= 86_400:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds from 0.001 to 86400")
    return value


def command(run: Callable[[list[str]], int], arguments: Sequence[str] | None = None) -> int:
    """Runs a command that knows --json, with these arguments or those of the process."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    # Not the parser's answer: it may be what fails. It takes an unambiguous beginning of a flag for the flag.
    as_json = any(len(word) > 2 and "--json".startswith(word) for word in words)
    return guarded(lambda: run(words), as_json)


def guarded(main: Callable[[], int], as_json: bool = False) -> int:
    """Runs a program; what cannot be done becomes one line on standard error, and an exit code."""
    try:
        return main()
    except InputError as error:
        return _said(error.kind, str(error), error.exit_code, as_json, error.details)
    except BrokenPipeError:  # the reader of our output went away
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BAD_INPUT
    except KeyboardInterrupt:
        return _said("interrupted", "interrupted", INTERRUPTED, as_json)
    except Exception as error:
        if os.environ.get(TRACEBACK):
            raise
        return _said("internal", _account_of(error), NOT_PROVED, as_json)


def _said(kind: str, message: str, exit_code: int, as_json: bool, details: Mapping[str, object] | None = None) -> int:
    print(f"error: {on_one_line(message)}", file=sys.stderr)
    if as_json:
        error = {"kind": kind, "message": message, "exit_code": exit_code}
        print(json.dumps({"error": error | dict(details or {})}, indent=1))
    return exit_code


def _account_of(error: Exception) -> str:
    last = traceback.extract_tb(error.__traceback__)[-1]
    what = f"{type(error).__name__}: {error}".rstrip(": ")
    place = f"{Path(last.filename).name}:{last.lineno}"
    return f"a fault of this program, not of its input: {what[:300]} at {place}; {TRACEBACK}=1 shows how it came there"


def on_one_line(text: str) -> str:
    """The text with what cannot be printed on one line escaped: names come from files."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
