"""What the firmware tests share."""

import shutil
from pathlib import Path

import pytest

from tests.embedded.firmware_harness import MODELS, Variant


@pytest.fixture
def variant(tmp_path: Path) -> Variant:
    """A function (model, {old: new}, work, folder) that copies a stand-in, with texts or all of work.c replaced."""

    def make(model: str, replace: dict[str, str] | None = None, work: str | None = None, folder: str = "gen") -> Path:
        target = tmp_path / folder
        shutil.copytree(MODELS / model, target)
        if work is not None:
            (target / "work.c").write_text(f'#include "work.h"\n\n{work}\n')
        for old, new in (replace or {}).items():
            files = [path for path in target.iterdir() if old in path.read_text()]
            assert files, f"no file of {model} contains {old!r}"
            for path in files:
                path.write_text(path.read_text().replace(old, new))
        return target

    return make
