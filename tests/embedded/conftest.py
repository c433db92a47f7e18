"""What the firmware tests share."""

import shutil
from pathlib import Path

import pytest

from tests.embedded.firmware_harness import MODELS, Variant


@pytest.fixture
def variant(tmp_path: Path) -> Variant:
    """A function (model, {old: new}, work) that copies a stand-in with texts in it, or all of work.c, replaced."""

    def make(model: str, replace: dict[str, str] | None = None, work: str | None = None) -> Path:
        folder = tmp_path / "gen"
        shutil.copytree(MODELS / model, folder)
        if work is not None:
            (folder / "work.c").write_text(f'#include "work.h"\n\n{work}\n')
        for old, new in (replace or {}).items():
            files = [path for path in folder.iterdir() if old in path.read_text()]
            assert files, f"no file of {model} contains {old!r}"
            for path in files:
                path.write_text(path.read_text().replace(old, new))
        return folder

    return make
