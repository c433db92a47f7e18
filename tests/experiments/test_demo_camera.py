"""The camera demonstration: the clip model's bits through interrupts, in the memory that was proved."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.embedded.firmware_harness import needs_device

pytestmark = [pytest.mark.train, needs_device]
run = pytest.importorskip("experiments.demo_camera.run")
report = pytest.importorskip("experiments.demo_camera.report")


@pytest.mark.parametrize("pixel_format", ["rgb565be", "grey8", "yuyv"])
def test_lines_give_the_clip_models_bits(pixel_format: str, tmp_path: Path) -> None:
    config = run.Config(scenes=2, frames=5, pixel_format=pixel_format)
    prepared = run.prepare(config, tmp_path)
    wanted = run.expected(prepared)
    founds = list(run.play(prepared, config))
    assert report.problems(founds, wanted, prepared) == []
    assert len(wanted) == 7 and len({scores.tobytes() for scores in wanted.values()}) > 1
    plan, camera = prepared.proved.plan, prepared.proved.plan.camera
    assert camera is not None and 1 < max(found.deepest for found in founds) <= camera.fifo_rows
    assert prepared.ram_bytes == plan.sram_bytes - plan.stack_bytes
    film = report.gif(founds, prepared, config)
    page = report.page(founds, wanted, prepared, config, film)
    assert film[:6] == b"GIF89a" and page.count("<td>same") == 7 and "OTHER" not in page
    lines = [report.line(found, prepared, wanted) for found in founds]
    assert "no answer yet" in lines[0] and "dropped 0" in lines[-1] and "NOT" not in lines[-1]


def test_what_is_wrong_is_told(tmp_path: Path) -> None:
    config = run.Config(scenes=1, frames=5)
    prepared = run.prepare(config, tmp_path)
    wanted = run.expected(prepared)
    founds = list(run.play(prepared, config))
    other = replace(founds[-1], scores=founds[-1].scores + np.int8(1), dropped=2, deepest=99)
    told = " ".join(report.problems([*founds[:-2], other], wanted, prepared))
    for text in ("2 of 2 answers are not", "1 frames of 5 are missing", "2 frames were dropped", "more rows waited"):
        assert text in told
    assert "NOT THE MODEL'S BITS" in report.line(other, prepared, wanted)


def test_a_camera_that_is_too_fast_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="60 frames per second are asked for, there is time for 3"):
        run.prepare(run.Config(hertz=60), tmp_path)
