"""The search: its space, what fits, who goes on, who takes over, and one small run through all steps."""

import itertools
import json
import multiprocessing
import os
import random
import signal
import sys
from dataclasses import replace

import pytest

pytest.importorskip("flax")
pytest.importorskip("tensorflow")
pytest.importorskip("matplotlib")
pytest.importorskip("optuna")

from experiments.search import __main__ as command
from experiments.search import report, run, study
from experiments.search.budget import Budget, Costs
from experiments.search.space import Candidate, Space
from stjax.models import StreamTinyNet, config, named
from tests.experiments.made_up_search import SEARCH, accuracy, opened, price, work
from verify.commands import cli

pytestmark = pytest.mark.train

SPACE = Space((27, 15, 1), classes=5, families=("streamtinynet", "gru", "conv3d"))


class Dice:
    """A trial that chooses by chance."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def suggest_int(self, name, low, high, *, step=1):
        return self.random.randrange(low, high + 1, step)

    def suggest_categorical(self, name, choices):
        return self.random.choice(choices)


@pytest.mark.parametrize("seed", range(20))
def test_what_made_a_candidate_is_found_again(seed):
    candidate = SPACE.candidate(Dice(seed))
    choices = SPACE.choices(candidate)
    assert choices is not None
    assert SPACE.candidate(study._Replay(choices)) == candidate
    assert candidate.network.model.config == candidate.config
    # A field that the family does not read is left alone: otherwise one network would be two candidates.
    assert ("multiplier" in choices) == (candidate.family == "streamtinynet")
    assert ("units" in choices) == (candidate.family == "gru")


def test_presets_are_in_the_space_and_other_networks_are_not():
    for size, frame in (("touch", (27, 15, 1)), ("fir", (16, 16, 1)), ("shapes", (32, 32, 1))):
        made = config(f"streamtinynet-{size}")
        assert Space(frame, made.classes).choices(Candidate("streamtinynet", made)) is not None
    assert SPACE.choices(Candidate("streamtinynet", replace(config("streamtinynet-touch"), stem=7))) is None
    assert SPACE.choices(Candidate("tsm", config("streamtinynet-touch"))) is None


def test_a_budget_says_by_how_much_it_is_passed():
    budget = Budget(sram=1000, flash=200)
    assert budget.excess(Costs(sram=1500, flash=100, instructions=1e9)) == {"sram": 0.5, "flash": -0.5}
    assert not budget.admits(Costs(sram=1001, flash=1)) and budget.admits(Costs(sram=1000, flash=200))
    assert not budget.admits(Costs(problem="two inputs"))


def test_networks_are_stopped_by_those_that_cost_no_more():
    small, large = Costs(sram=100, instructions=1e3), Costs(sram=900, instructions=1e3)
    better_but_larger = [(0.9, large)] * 9
    assert study.goes_on(0.5, small, better_but_larger, keep=3)
    assert not study.goes_on(0.5, large, better_but_larger, keep=3)
    assert not study.goes_on(0.5, large, [(0.9, small)] * 9, keep=3)
    ranks = [study.goes_on(k / 10, small, [(j / 10, small) for j in range(9) if j != k], keep=3) for k in range(9)]
    assert ranks == [False] * 6 + [True] * 3


def test_rungs_rise_to_all_epochs():
    assert run.rungs(40, keep=3, count=3) == (4, 13, 40)
    assert run.rungs(2, keep=3, count=3) == (1, 2)


def outcome(name, accuracy, sram, instructions=1.0, finished=True):
    candidate = replace(SPACE.candidate(Dice(0)), stride=name)
    return study.Outcome(name, candidate, Costs(sram=sram, instructions=instructions), (accuracy,), finished)


def test_the_front_has_what_nothing_beats_and_the_least_of_the_best_is_chosen():
    small, good, best, beaten = outcome(1, 0.7, 10), outcome(2, 0.896, 50), outcome(3, 0.9, 90), outcome(4, 0.8, 60)
    fast, stopped = outcome(5, 0.7, 60, 0.5), outcome(6, 0.99, 5, finished=False)
    found = study.front([best, beaten, fast, good, small, stopped])
    assert [o.number for o in found] == [1, 2, 5, 3]
    assert run.chosen(found) == good


# -- studies whose costs and accuracies are made up ------------------------------------------------------------------


def test_a_search_trains_what_fits_stops_the_poor_and_finds_the_best(tmp_path):
    said = []
    found = opened(SEARCH, tmp_path)
    study.run(SEARCH, found, price, accuracy, tmp_path, said.append)
    outcomes = study.outcomes(SEARCH, found)
    fitting = [o for o in outcomes if o.accuracies]
    assert all((o.costs.sram <= 1200) == bool(o.accuracies) for o in outcomes)
    assert 0 < sum(o.finished for o in fitting) < len(fitting) < len(outcomes)
    best = study.front(outcomes)[-1]
    assert best.accuracy == max(o.accuracy for o in fitting)
    assert any("does not fit" in text for text in said) and any("stopped after 1" in text for text in said)


def test_a_study_goes_on_and_refuses_other_questions(tmp_path):
    first = replace(SEARCH, trials=3)
    start = Candidate(
        "streamtinynet", replace(config("streamtinynet-touch"), blocks=config("streamtinynet-touch").blocks[:1])
    )
    study.run(first, opened(first, tmp_path, (start,)), price, accuracy, tmp_path, print)
    again = opened(SEARCH, tmp_path, (start,))
    assert len(again.trials) == 3 and study.outcomes(SEARCH, again)[0].candidate == start
    other = replace(SEARCH, budget=Budget(2400))
    with pytest.raises(study.OtherStudyError, match=r"begun with budget = Budget\(sram=1200.*--work"):
        opened(other, tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="needs flock")
def test_two_processes_share_a_study_and_one_that_is_killed_is_taken_over(tmp_path):
    spawn = multiprocessing.get_context("spawn")
    opened(SEARCH, tmp_path)
    held = spawn.Event()
    victim = spawn.Process(target=work, args=(tmp_path, held))
    victim.start()
    assert held.wait(60)
    os.kill(int(victim.pid or 0), signal.SIGKILL)
    victim.join()
    (left,) = [t for t in opened(SEARCH, tmp_path).trials if t.state.name == "RUNNING"]
    together = spawn.Barrier(2)
    pair = [spawn.Process(target=work, args=(tmp_path, None, together)) for _ in range(2)]
    for process in pair:
        process.start()
    for process in pair:
        process.join(120)
    assert [process.exitcode for process in pair] == [0, 0]
    trials = opened(SEARCH, tmp_path).trials
    assert len([path for path in tmp_path.iterdir() if path.name.isdigit()]) == 2, "both worked"
    assert not [t for t in trials if t.state.name in ("RUNNING", "WAITING")]
    assert trials[left.number].state.name == "FAIL"
    (heir,) = [t for t in trials if t.number != left.number and t.params == left.params and t.number > left.number][:1]
    assert heir.user_attrs["training"] == left.user_attrs["training"], "it goes on in the same folder"
    assert len([t for t in trials if t.state.name == "COMPLETE"]) in (40, 41)


# -- the whole -------------------------------------------------------------------------------------------------------


def test_quick_goes_through_all_steps(tmp_path, monkeypatch, capsys):
    arguments = ["--dataset", "moving_shapes", "--sram", "16K", "--quick", "--board", "host", "--json"]
    monkeypatch.setattr(sys, "argv", ["search", *arguments, "--work", f"{tmp_path}/w", "-o", f"{tmp_path}/out"])
    assert command.main() == 0
    found = json.loads(capsys.readouterr().out)
    assert len(found["outcomes"]) == 2 and found["outcomes"][0]["finished"]
    finals = found["finals"]
    assert all(a["device_different"] == 0 for final in finals for a in final["assessments"])
    # What was planned with random weights is what the trained network takes.
    costs = {o["name"]: o["costs"]["sram"] for o in found["outcomes"]}
    assert finals[0]["assessments"][0]["sram"] == costs[finals[0]["name"]]
    assert {path.suffix for path in (tmp_path / "out").iterdir()} == {".md", ".json", ".svg", ".html", ".py"}
    monkeypatch.syspath_prepend(tmp_path / "out")
    network = named(f"networks:{finals[0]['name'].replace('-', '_')}")
    assert isinstance(network.model, StreamTinyNet) and repr(network.model.config) == finals[0]["python"]
    for text in ((tmp_path / "out" / name).read_text() for name in ("results.md", "results.html")):
        assert finals[0]["name"] in text


def test_predictors_need_networks(tmp_path):
    finished = [outcome(k, a, s) for k, (a, s) in enumerate(itertools.product((0.5, 0.6, 0.7), (10, 20)))]
    assert report.predictors(finished[:4], (1, 3)) == []
    (text, _) = report.predictors(finished, (1, 3))
    assert "accuracy after 1 epochs +1.00" in text and "SRAM +0.00" in text and "parameters" not in text


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--sram", "16K", "--families", "transformer"], "no family is called"),
        (["--sram", "16K", "--dataset", "nothing_like_it"], "nothing_like_it"),
    ],
)
def test_bad_input_is_said(arguments, says, monkeypatch, tmp_path):
    given = ["search", "--dataset", "moving_shapes", *arguments, "--work", f"{tmp_path}/w"]
    monkeypatch.setattr(sys, "argv", given)
    with pytest.raises(cli.InputError, match=says):
        command.main()
    assert not (tmp_path / "w").exists()
