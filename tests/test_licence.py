"""Every file that leaves the house says under which terms."""

import tomllib
from pathlib import Path

import pytest

from export.c.emit import emit
from tests.random_models import Net
from verify.plan.request import Request
from verify.plan.search import make_plan
from verify.proof.check import check

ROOT = Path(__file__).parent.parent
SOURCES = [path for package in ("embedded", "verify") for path in sorted((ROOT / package).rglob("*.*"))]
SHIPPED = [path for path in SOURCES if path.suffix in {".c", ".h", ".ld"} and "build" not in path.parts]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_every_c_source_names_its_licence(path: Path) -> None:
    assert path.read_text().startswith("/* SPDX-License-Identifier: Apache-2.0 */\n")


def test_the_package_and_the_kernels_bring_the_same_licence() -> None:
    text = (ROOT / "LICENSE").read_text()
    assert "Apache License" in text and "Version 2.0, January 2004" in text
    assert (ROOT / "embedded/LICENSE").read_text() == text
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert (project["license"], project["license-files"]) == ("Apache-2.0", ["LICENSE"])


def test_generated_code_says_whose_it_is() -> None:
    net = Net(1)
    net.conv(net.input(1, 6, 5, 2), 3, (3, 3), (1, 1), (1, 1))
    graph = net.graph()
    _, proved = check(graph, make_plan(graph, Request("layer")))
    assert proved
    header = emit(proved)["stj_model.h"]
    assert "This file is yours" in header and "Apache-2.0" in header
