"""Projects: folders that a board's own tools build, made of generated C and the kernels that it needs.

    kinds/NAME.py        one kind of project: which files, and the words about it (`Kind`)
    templates/NAME/      what it renders; templates/common/ is everybody's
    project.py           what every kind is made from
    folder.py            how a folder is written: whole or not at all

A kind is registered by its file being there.
"""

import importlib
import pkgutil

from export.projects import kinds as _kinds
from export.projects.project import Kind

DEFAULT = "make"


def kinds() -> dict[str, Kind]:
    """Every kind of project by the name that `--project` takes."""
    found = (
        importlib.import_module(f"{_kinds.__name__}.{info.name}") for info in pkgutil.iter_modules(_kinds.__path__)
    )
    return {kind.name: kind for kind in sorted((module.KIND for module in found), key=lambda kind: kind.name)}
