"""The table of arenas says of each gap what keeps it there."""

from pathlib import Path

import pytest

from benchmarks.bench_bounds import planned, report, why

DEMO = Path(__file__).parents[1] / "data/demo_model.tflite"
PEAK = {"op": 3, "buffers": [{"bytes": 20, "policy": "ring"}, {"bytes": 80, "policy": "whole"}]}
VALUE = {"model": "m", "arena_bytes": 120, "lower_bound_bytes": 100, "verdict": "proved", "peak": PEAK}


@pytest.mark.parametrize(
    ("arena", "placement", "space", "said"),
    [
        (110, 110, 100, ""),
        (120, 120, 120, "the least that its stages can take: at op 3 80 (whole), 20 (ring)"),
        (120, 120, 110, "no placement of these buffers is smaller, each stage alone takes less"),
        (120, 110, None, "a smaller placement may exist"),
    ],
)
def test_a_gap_has_a_reason(arena: int, placement: int, space: int | None, said: str) -> None:
    bounds = {"arena_bytes": arena, "placement_bound_bytes": placement, "space_bound_bytes": space}
    assert why(VALUE | bounds).startswith(said) and bool(why(VALUE | bounds)) is bool(said)


def test_a_model_is_planned_and_one_that_is_none_left_out(tmp_path: Path) -> None:
    value = planned(DEMO)
    assert value is not None and value["verdict"] == "proved"
    assert any(line.startswith(f"| {DEMO.stem} | {value['arena_bytes']:,} |") for line in report([value]))
    (tmp_path / "none.tflite").write_bytes(b"no model")
    assert planned(tmp_path / "none.tflite") is None
