"""`python -m experiments.search`: networks searched under a budget of SRAM that is proved, not estimated."""
# pyright: reportMissingImports=false

import argparse
import functools
import json
import os
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from experiments import results
from verify.commands import cli
from verify.targets.registry import PORTABLE, targets

ROOT = Path(__file__).resolve().parent.parent.parent
DESCRIPTION = """\
Searches architectures of StreamTinyNet (and, with --families, of its competitors) for a dataset. Each candidate is
traced, exported with random weights, planned and proved before anything is trained: what does not fit the budget never
is. Those that fit are trained by successive halving and judged on validation people. Then the most accurate one of
the front and the network made by hand are trained fully, made int8, run on the emulated board and read once on test
clips."""
EPILOG = """\
examples:
  python -m experiments.search --dataset capfingerid --sram 8K -o front
  python -m experiments.search --dataset fir16 --sram 16K --instructions 1M --flash 48K --trials 200
  python -m experiments.search --dataset capfingerid --sram 8K --storage postgresql://host/db    on several machines

A search that was stopped, by kill -9 too, goes on where it was. The same command in another terminal takes part in it:
they share the study's file in --work. Machines share a database (--storage, any URL that Optuna takes).

exit codes: 0 done, 1 a board's bits differ, 2 bad input"""


def main() -> int:
    options = parse()
    # TensorFlow greets on stderr; this has to be said before it is imported.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    try:
        return _main(options)
    except ModuleNotFoundError as error:
        raise cli.InputError(f"{error.name} is not installed; `make setup-train` installs it") from None


def parse() -> argparse.Namespace:
    parser = cli.Parser(
        "python -m experiments.search",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--dataset", required=True, metavar="NAME", help="capfingerid, fir16, moving_shapes, or another"
    )
    parser.add_argument("--data", metavar="DIR", help="folder of its files; default: STJAX_DATA")
    parser.add_argument("--prepared", metavar="DIR", help="where tensorflow-datasets keeps what it has prepared")
    parser.add_argument("--fold", type=int, default=1, metavar="K", help="whose people are tested (default: 1)")
    budget = parser.add_argument_group("budget, of the program of one frame")
    budget.add_argument("--sram", type=cli.size, required=True, metavar="BYTES", help="proved, everything counted: 8K")
    budget.add_argument("--instructions", type=count, metavar="N", help="of a frame, by the target's cost model: 5M")
    budget.add_argument("--flash", type=cli.size, metavar="BYTES", help="of weights and tables: 64K")
    search = parser.add_argument_group("search")
    search.add_argument("--families", nargs="+", default=["streamtinynet"], metavar="NAME", help="of networks")
    search.add_argument("--trials", type=int, default=100, metavar="N", help="architectures tried (default: 100)")
    search.add_argument("--epochs", type=int, metavar="N", help="of a full training; default: the task's")
    search.add_argument("--rungs", type=int, default=3, metavar="N", help="times a network is judged (default: 3)")
    search.add_argument("--keep", type=int, default=3, metavar="N", help="one of so many goes on (default: 3)")
    search.add_argument(
        "--strides", type=int, nargs="+", metavar="N", help="frames between two; default: the whole clip"
    )
    search.add_argument("--seed", type=int, default=0, metavar="N", help="of choices (default: 0)")
    search.add_argument("--storage", metavar="URL", help="a database of Optuna's; default: a file in --work")
    search.add_argument("--work", type=Path, metavar="DIR", help="default: build/search/ and dataset, fold, budget")
    device = parser.add_argument_group("device")
    device.add_argument("--target", choices=sorted(targets()), default=PORTABLE, help=f"default: {PORTABLE}")
    device.add_argument("--scheme", choices=("stream", "auto"), default="stream", help="of plans (default: stream)")
    device.add_argument("--board", default="mps2-an500", metavar="NAME", help="default: mps2-an500")
    device.add_argument("--device-clips", type=int, default=60, metavar="N", help="test clips on it (default: 60)")
    parser.add_argument("--seeds", type=int, default=3, metavar="N", help="full trainings; 0: search only (default: 3)")
    parser.add_argument("--quick", action="store_true", help="two small networks, few clips: does it run?")
    parser.add_argument(
        "-o", "--output", type=Path, metavar="DIR", help="results.md, .json, .svg, .html and networks.py"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of tables")
    options = parser.parse_args()
    if options.quick:
        options.trials, options.epochs, options.rungs, options.seeds, options.device_clips = 2, 2, 2, 1, 2
    if min(options.trials, options.rungs, options.fold) < 1 or options.keep < 2 or options.seeds < 0:
        parser.error("--trials, --rungs and --fold must be at least 1, --keep at least 2, --seeds at least 0")
    limits = (options.sram, options.instructions, options.flash)
    name = "-".join([options.dataset.replace("/", "."), f"fold{options.fold}", *(f"{n:g}" for n in limits if n)])
    options.work = options.work or ROOT / "build" / "search" / (name + "-quick" * options.quick)
    return options


def count(text: str) -> float:
    """A number of instructions from "5M"."""
    return cli.positive(text, "number of instructions", "5M")


def _main(options: argparse.Namespace) -> int:
    from experiments.search import report, run, study
    from experiments.search.costs import costs
    from experiments.temporal_models.tasks import task_of
    from stjax.data import DataError, DatasetConfig
    from stjax.train import TrainError

    began = time.process_time()
    task = task_of(options.dataset)
    setup = run.Setup(
        task,
        DatasetConfig(options.dataset, manual_dir=options.data, data_dir=options.prepared),
        fold=options.fold,
        epochs=options.epochs,
        sampling="window" if options.strides else "span",
        board=options.board,
        target=options.target,
        scheme=options.scheme,
        device_clips=options.device_clips,
        **({"train_clips": 64, "test_clips": 8} if options.quick else {}),
    )
    try:
        splits = setup.splits()
        search = _search(options, setup, len(splits.train.classes))
        options.work.mkdir(parents=True, exist_ok=True)
        place = study.storage(options.storage or str(options.work / "study.journal"))
        by_hand = [run.preset(setup, search.space, family) for family in search.space.families]
        opened = study.opened(search, place, run.training_of(setup), by_hand)
        train = functools.partial(run.train, setup, splits, search.rungs)
        price = functools.partial(costs, folder=options.work / "costs", target=options.target, scheme=options.scheme)
        study.run(search, opened, price, train, options.work, say)
        outcomes = study.outcomes(search, opened)
        finals = _finals(options, setup, splits, outcomes, by_hand)
    except (DataError, TrainError, study.OtherStudyError, ValueError) as error:
        raise cli.InputError(str(error)) from None
    seconds = time.process_time() - began
    found = report.Found(task.name, options.fold, search.budget, search.rungs, outcomes, finals, command(), seconds)
    _write(found, options.output)
    print(json.dumps(report.values(found)) if options.json else report.markdown(found))
    wrong = [a for final in finals for a in final.assessments if a.device_different or a.problems]
    return 1 if wrong else 0


def _search(options: argparse.Namespace, setup: Any, classes: int) -> Any:
    from experiments.search import run, study
    from experiments.search.budget import Budget
    from experiments.search.space import Range, Space
    from stjax.models import config, presets

    unknown = [name for name in options.families if name not in presets.FAMILIES]
    if unknown:
        raise ValueError(f'no family is called "{unknown[0]}"; there are {", ".join(presets.FAMILIES)}')
    frame = config(f"{options.families[0]}-{setup.task.size}").frame_shape
    strides = tuple(options.strides or (1,))
    space = Space(frame, classes, tuple(options.families), strides=strides)
    if options.quick:
        space = replace(space, frames=(3, 4), scales=(50,), blocks=Range(1, 2), features=Range(4, 8, 4))
    return study.Search(
        space,
        Budget(options.sram, options.instructions, options.flash),
        run.rungs(setup.full_epochs, options.keep, options.rungs),
        options.trials,
        options.keep,
        options.target,
        options.scheme,
        options.seed,
    )


def _finals(options: argparse.Namespace, setup: Any, splits: Any, outcomes: Any, by_hand: Any) -> list[Any]:
    """The chosen network, and those made by hand that fit no worse; nothing where nothing fits."""
    from experiments.search import report, run, study

    front = study.front(outcomes)
    if not options.seeds or not front:
        return []
    chosen = run.chosen(front)
    others = [] if options.quick else [(c, True) for c in by_hand if c != chosen.candidate]
    compared = [(chosen.candidate, False), *others]
    return [
        report.Final(candidate, hand, run.finals(setup, splits, candidate, options.seeds, options.work, say))
        for candidate, hand in compared
    ]


def _write(found: Any, folder: Path | None) -> None:
    from experiments.search import report

    if folder is None:
        return
    results.write(folder, report.markdown(found), report.values(found), report.plot(found))
    cli.write_beside(folder / "results.html", report.page(found))
    cli.write_beside(folder / "networks.py", report.module(found))


def command() -> str:
    return " ".join(["python -m experiments.search", *sys.argv[1:]])


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(cli.guarded(main))
