"""Bytes of flash: what the checker counts is what a compiler for a 32-bit target stores."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings

from export.c.emit import emit
from tests.kernel_harness import EMBEDDED
from tests.random_models import Net, networks
from verify.graph.graph import Graph
from verify.plan.request import Request
from verify.plan.search import make_plan
from verify.proof.check import check
from verify.proof.verdict import Refuted
from verify.targets.choice import chosen
from verify.targets.flash import constant_bytes
from verify.targets.registry import PORTABLE
from verify.tflite.read import read_model

PREFIX = "arm-none-eabi-"
FLAGS = ("-mcpu=cortex-m7", "-mthumb", "-O2", "-std=c99", "-fdata-sections", f"-I{EMBEDDED / 'include'}", "-I.")


def compiled_bytes(graph: Graph, folder: Path) -> int:
    """Bytes of constants and parameter structs of the exported model, each from a word's boundary on."""
    _, proved = check(graph, make_plan(graph, Request("layer")))
    assert proved is not None
    for name, text in emit(proved).items():
        (folder / name).write_text(text)
    subprocess.run([f"{PREFIX}gcc", *FLAGS, "-c", "stj_model.c", "-o", "model.o"], cwd=folder, check=True)
    command = [f"{PREFIX}size", "-A", "model.o"]
    text = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout
    return sum(
        -(-int(size) // 4) * 4 for size in re.findall(r"^\.rodata\.(?:op|tensor|stj_model)_\S+\s+(\d+)", text, re.M)
    )


@pytest.mark.skipif(shutil.which(f"{PREFIX}gcc") is None, reason="needs the cross compiler")
@settings(max_examples=8)
@given(net=networks())
def test_the_compiler_stores_as_many(net: Net, tmp_path_factory: pytest.TempPathFactory) -> None:
    graph = net.graph()
    assert constant_bytes(graph, chosen(graph, PORTABLE)) == compiled_bytes(graph, tmp_path_factory.mktemp("model"))


def test_parameter_structs_count(models_dir: Path) -> None:
    """475,546 bytes hold this model's weights, but not what its kernels are told about them. Linked, it is 480,684."""
    path = models_dir / "mcunet_zoo" / "mcunet-5fps_vww.tflite"
    graph = read_model(path.read_bytes(), path.stem)
    found = check(graph, make_plan(graph, Request("layer", flash=475_546)))[0].verdicts["C5"]
    assert isinstance(found, Refuted) and "flash" in found.subject
    assert constant_bytes(graph, chosen(graph, PORTABLE)) == 480_684
