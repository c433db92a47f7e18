"""A function in a process of its own, so that what it breaks is not this one."""

import multiprocessing
from collections.abc import Callable

SECONDS = 120


def apart(function: Callable[[], str | None]) -> str | None:
    """What `function` returns in a copy of this process, or a sentence about how that one ended.

    Raises:
      RuntimeError: it raised something, which stands on stderr.
    """
    context = multiprocessing.get_context("fork")
    reader, writer = context.Pipe(duplex=False)
    process = context.Process(target=lambda: writer.send(function()))
    process.start()
    writer.close()
    try:
        return reader.recv() if reader.poll(SECONDS) else "it does not end"
    except EOFError:
        process.join()
        if process.exitcode == 1:
            raise RuntimeError("a run of identities failed") from None
        return f"it touches memory by itself, or leaves it (exit status {process.exitcode})"
    finally:
        process.kill()
        process.join()
