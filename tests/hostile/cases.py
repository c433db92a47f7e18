"""One case per seed: files in a folder, a command over them, and what is wrong with the way it ended.

Whatever it is given, a command ends in bounded time with an exit code from 0 to 3 and at most one line on standard
error; with --json, standard output is one JSON value. A plan that it calls proved gives the model's outputs.
"""

import contextlib
import functools
import io
import json
import random
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import export.__main__ as exporter
from tests.hostile import models
from tests.hostile.values import damaged, damaged_text
from tests.random_models import Net
from tests.tflite.test_hostile import MUTATIONS, tables
from verify.commands import check, cli, errors, plan, recheck, tflm
from verify.graph.plan import InputMode
from verify.graph.plan_json import plan_to_json
from verify.plan.request import SCHEMES, PlanningError, Request
from verify.plan.search import make_plan
from verify.tflite import read_model

SECONDS = 60
"""That one case may take, on a machine that others use as well."""


class TooLongError(BaseException):
    """A case did not end in time. No command may catch it."""


@dataclass(frozen=True)
class Case:
    """A command and its arguments; the files that they name are made."""

    what: str
    run: Callable[[list[str]], int]
    arguments: list[str]


@dataclass(frozen=True)
class Ended:
    """How a case ended. `fault` is empty where that is as it should be."""

    case: Case
    code: int | None
    said: str
    seconds: float
    fault: str


def play(seed: int, folder: Path) -> Ended:
    """Makes the case of a seed in a folder, runs it, and judges how it ended."""
    rng = random.Random(seed)
    case = rng.choice(KINDS)(rng, folder)
    out, err, code, fault = io.StringIO(), io.StringIO(), None, ""
    start = time.monotonic()
    try:
        # An odd argument may be the name of a file to write.
        with _limited(), contextlib.chdir(folder), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = cli.command(case.run, case.arguments)
    except TooLongError:
        fault = f"did not end within {SECONDS} s"
    except SystemExit as error:
        fault = f"raised SystemExit({error.code})"
    fault = fault or _fault(case, code, out.getvalue(), err.getvalue())
    return Ended(case, code, err.getvalue(), time.monotonic() - start, fault)


def _fault(case: Case, code: int | None, out: str, err: str) -> str:
    if code not in (0, 1, 2, 3):
        return f"ended with {code}"
    if errors.TRACEBACK in err or "Traceback" in err:
        return "is a fault of the program"
    if code == cli.BAD_INPUT and (not err.startswith("error: ") or err.count("\n") != 1):
        return "is not one line of error"
    if "--json" in case.arguments:
        try:
            value = json.loads(out)
        except ValueError:
            return "did not print JSON"
        if code == cli.BAD_INPUT and "error" not in value:
            return "has no error in its JSON"
        if case.run is plan.run and code == cli.NOT_PROVED and "error" not in value:
            return "is a plan of ours that is not proved"
        if isinstance(value, dict) and value.get("verdict") == "proved" and value.get("replay", "equal") != "equal":
            return f"is proved, and its replay is: {value['replay']}"
    return ""


@contextlib.contextmanager
def _limited() -> Iterator[None]:
    def stop(*_: object) -> None:
        raise TooLongError

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


# -- what is there to be damaged --------------------------------------------------------------------------------


@functools.cache
def sources() -> tuple[bytes, ...]:
    """Small honest models: an image with a shortcut and a head, a matrix, a clip."""
    net = Net(3)
    x = net.conv(net.input(1, 9, 6, 2), 3, (3, 3), (1, 1), (1, 1))
    x = net.add(net.depthwise(net.conv(x, 3, (1, 1), (1, 1), (1, 1)), (3, 3), (1, 1), (1, 1)), x)
    x = net.conv(net.pad(x, 1, 1, 0, 1), 2, (3, 1), (2, 2), (1, 1))
    net.dense(net.mean(x), 3)
    clip = Net(5)
    y = clip.conv(clip.input(3, 6, 4, 1), 2, (3, 3), (1, 1), (1, 1))
    y = clip.reshape(y, 1, 3, 24, 2)
    y = clip.depthwise(y, (3, 1), (1, 1), (1, 1), padding="VALID")
    clip.dense(clip.reshape(y, 1, 48), 3)
    return net.bytes(), clip.bytes()


@functools.cache
def plans() -> tuple[tuple[bytes, str], ...]:
    """Models with honest plans of every scheme."""
    found = []
    for contents in sources():
        graph = read_model(contents, "model")
        for scheme in SCHEMES:
            for mode in InputMode:
                with contextlib.suppress(PlanningError, cli.InputError):
                    found.append((contents, plan_to_json(make_plan(graph, Request(scheme, mode)))))
    return tuple(found)


# -- kinds of cases ---------------------------------------------------------------------------------------------


def _of_model(what: str, rng: random.Random, folder: Path, contents: bytes) -> Case:
    path = folder / "model.tflite"
    path.write_bytes(contents)
    more = rng.choice(([], ["--scheme", "layer"], ["--scheme", rng.choice(SCHEMES)], ["--sram", "1K"], ["--pareto"]))
    if rng.random() < 0.15:
        return Case(what, tflm.run, [str(path), "--json", *rng.choice(([], ["--emit", str(folder / "out.tflite")]))])
    output = [] if "--pareto" in more else ["-o", str(folder / "plan.json")]
    return Case(what, plan.run, [str(path), "--json", *output, *more])


def _model(rng: random.Random, folder: Path) -> Case:
    original = rng.choice(sources())
    mutant = bytearray(original)
    rng.choice(MUTATIONS)(rng, mutant, tables(original))
    return _of_model("a model with damaged bytes", rng, folder, bytes(mutant))


def _absurd(rng: random.Random, folder: Path) -> Case:
    return _of_model("a model with absurd options", rng, folder, models.absurd(rng))


def _tall(rng: random.Random, folder: Path) -> Case:
    return _of_model("a model with absurd sides", rng, folder, models.tall(rng))


def _plan(rng: random.Random, folder: Path) -> Case:
    contents, text = rng.choice(plans())
    model, path = folder / "model.tflite", folder / "plan.json"
    model.write_bytes(contents)
    path.write_bytes(damaged_text(rng, text))
    if rng.random() < 0.15:
        arguments = [str(model), "--plan", str(path), "-o", str(folder / "c"), "--model-only", "--json"]
        return Case("a damaged plan, exported", exporter.run, arguments)
    more = rng.choice((["--replay"], ["--replay"], ["--report", str(folder / "page.html")], ["--for-all"]))
    return Case("a damaged plan", check.run, [str(model), str(path), "--json", *more])


def _certificate(rng: random.Random, folder: Path) -> Case:
    """A certificate of two obligations with a damaged manifest."""
    contents, text = plans()[0]
    (folder / "plan.json").write_text(text)
    questions = ["; C1: it\n; x\n(set-logic ALL)\n(assert false)\n(check-sat)\n" for _ in range(2)]
    entries = []
    for number, question in enumerate(questions):
        name = f"{number:05}-C1.smt2"
        (folder / name).write_text(question)
        entry = {"file": name, "sha256": recheck.hashlib.sha256(question.encode()).hexdigest()}
        entries.append({**entry, "claim": "C1", "subject": "x", "sentence": "it", "answers": {}})
    manifest = {
        "certificate": 1,
        "model": {"name": "model", "sha256": recheck.hashlib.sha256(contents).hexdigest()},
        "plan": {"file": "plan.json", "sha256": recheck.hashlib.sha256(text.encode()).hexdigest()},
        "generated": {"stj_model.c": "0"},
        "claims": {"C1": {"name": "cover", "sentence": "all", "obligations": 2}},
        "obligations": entries,
    }
    if rng.random() < 0.3:
        (folder / entries[0]["file"]).write_bytes(rng.randbytes(rng.randrange(200)))
    (folder / "manifest.json").write_bytes(damaged_text(rng, json.dumps(damaged(rng, manifest))))
    more = rng.choice(([], ["--generated", str(folder)], ["--plan", str(folder / "plan.json")]))
    return Case("a damaged certificate", recheck.run, [str(folder), "--json", *more])


FLAGS = ("--sram", "--flash", "--max-macs", "--time-step", "--n-patch", "--split", "--stream-x-level", "--timeout")
FLAGS += (
    "--early-exit",
    "--scheme",
    "--input",
    "--points",
    "--report",
    "--plot",
    "-o",
    "--certificate",
    "--accounting",
)
WORDS = ("-1", "0", "1", "2", "nan", "1e9", "999999999999", "128K", "9" * 30, "", "\0", "a\nb", "/dev/null", "/", ".")


def _arguments(rng: random.Random, folder: Path) -> Case:
    """Options with values that nobody means."""
    model = folder / "model.tflite"
    model.write_bytes(sources()[0])
    chosen = [word for flag in rng.sample(FLAGS, rng.randrange(1, 4)) for word in (flag, rng.choice(WORDS))]
    chosen = [word if word != "." else str(folder / "new") for word in chosen]
    return Case("odd arguments", plan.run, [str(model), "--json", *chosen])


KINDS = (_model, _model, _absurd, _tall, _plan, _plan, _plan, _plan, _certificate, _arguments)
