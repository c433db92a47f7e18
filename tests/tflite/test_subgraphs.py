"""Files of several networks: which one is taken, that it is said, and that plan, checker and exporter take the same."""

import json
from pathlib import Path

import pytest

from export import __main__ as export_main
from tests.random_models import Net
from tests.tiny_model import build_model
from verify.commands import check, cli
from verify.commands import plan as plan_main
from verify.proof.check import check as prove
from verify.proof.verdict import Refuted
from verify.tflite import ModelError, read_model


def two_networks(signatures: tuple[str, ...] = ("first", "second")) -> bytes:
    one, two = Net(1), Net(2)
    one.conv(one.input(1, 5, 3, 2), 4, (3, 3), (1, 1), (1, 1))
    two.pool("MAX_POOL_2D", two.input(1, 6, 5, 3), (2, 2), (2, 2))
    return build_model(one.sources, more=[two.sources], signatures=signatures)


def kinds(taken: int | str = 0, contents: bytes | None = None) -> list[str]:
    return [node.op.kind for node in read_model(contents or two_networks(), "two", taken).nodes]


def test_one_is_taken_by_number_or_by_name() -> None:
    assert kinds() == kinds("first") == ["CONV_2D"]
    assert kinds(1) == kinds("second") == ["MAX_POOL_2D"]


def test_a_note_names_what_was_taken_and_the_others() -> None:
    (note,) = read_model(two_networks(), "two").notes
    assert note == (
        'of 2 subgraphs, number 0 (signature "first") is taken; --subgraph or --signature takes another: '
        '1 (signature "second")'
    )
    (note,) = read_model(two_networks(()), "two", 1).notes
    assert note == "of 2 subgraphs, number 1 is taken; --subgraph or --signature takes another: 0"


@pytest.mark.parametrize(
    ("taken", "message"),
    [
        (2, r"^there is no subgraph 2; the file has 2, counted from 0$"),
        (-1, r"^there is no subgraph -1"),
        ("third", r'^there is no one signature "third"; the file has "first", "second"$'),
    ],
)
def test_what_is_not_there_is_refused(taken: int | str, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        read_model(two_networks(), "two", taken)


def test_two_signatures_of_one_name_name_none() -> None:
    with pytest.raises(ModelError, match=r'^there is no one signature "same"; the file has "same", "same"$'):
        read_model(two_networks(("same", "same")), "two", "same")


def test_the_plan_says_which_and_everybody_takes_that(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    model, plan = tmp_path / "two.tflite", tmp_path / "plan.json"
    model.write_bytes(two_networks())
    assert plan_main.run([str(model), "--signature", "second", "-o", str(plan)]) == cli.PROVED
    assert "note: of 2 subgraphs, number 1" in capsys.readouterr().out
    assert json.loads(plan.read_text())["subgraph"] == 1
    assert check.run([str(model), str(plan), "--replay"]) == cli.PROVED
    assert export_main.run([str(model), "--plan", str(plan), "-o", str(tmp_path / "out")]) == cli.PROVED
    assert "MAX_POOL_2D" in (tmp_path / "out" / "stj_model.c").read_text()


def test_a_plan_for_another_network_of_the_file_is_refuted(tmp_path: Path) -> None:
    model, plan = tmp_path / "two.tflite", tmp_path / "plan.json"
    model.write_bytes(two_networks())
    assert plan_main.run([str(model), "-o", str(plan), "--json"]) == cli.PROVED
    _, _, found = check.load_plan(plan, model)
    report, proved = prove(read_model(two_networks(), "two", 1), found)
    assert proved is None
    verdict = report.verdicts["C1"]
    assert isinstance(verdict, Refuted)
    assert verdict.counterexample == "the plan is for subgraph 0 of the file, number 1 was read"
