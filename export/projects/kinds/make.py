"""One flat folder that any C compiler takes: `cc *.c`. The example runs on this computer."""

from export.projects.project import LICENCE, Files, Kind, Project
from export.sources import licence_text, stack_script


def files(project: Project) -> Files:
    texts = {name: project.text(f"make/{name}.j2") for name in ("main.c", "Makefile", "README.txt")}
    return {**project.network, **texts, "stack.py": stack_script(), LICENCE: licence_text()}


KIND = Kind(
    "make",
    "a flat folder for any C compiler, with an example for this computer",
    files,
    lambda folder, archive: (f"make -C {folder} run",),
)
