"""`python -m verify.recheck DIR`: decides a certificate's obligations again, with nothing but the solvers.

No model is read, no plan is understood: this says that the files are the ones the manifest names and that every
obligation in them is unsatisfiable. That the obligations are the right ones for a model and its plan is what
`python -m verify.check --certificate` says, which writes them. It imports the solvers' adapters, how commands end, and
nothing else of this project.
"""

import argparse
import errno
import hashlib
import json
import os
import re
import stat
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from verify import __version__
from verify.commands.errors import InputError, Parser, command, on_one_line, seconds
from verify.solvers import CHOICES, TIMEOUT_MS, Solver, SolverError, open_solvers

SOUND, BAD_INPUT, NOT_SOUND = 0, 2, 3
FORMAT = 1
CLAIMS = ("C1", "C2", "C3", "C4", "C5", "C6", "C7")
"""What a certificate of any plan has to speak of; C8 only where there are frames."""

OWED_WITH = {"C9": "left_out", "C10": "camera"}
"""Claims that a certificate has to speak of where the plan says this."""

MOST_BYTES = 1 << 30
"""Of one file."""

MOST_DEPTH = 10_000
"""Of parentheses in an obligation; a solver may fall over far deeper ones without an answer."""

COMMANDS = {"set-logic", "declare-const", "define-fun", "assert", "check-sat"}

DESCRIPTION = """\
Checks a certificate again: every file has the hash that the manifest gives, no obligation is missing or added, and
solvers find every obligation unsatisfiable. Needs the solvers and none of the planning code."""
EPILOG = "exit codes: 0 all unsatisfiable, 2 no certificate, 3 tampered with, or not all unsatisfiable"


class CertificateError(InputError):
    """This is no certificate that can be checked."""


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = Parser(
        "python -m verify.recheck",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawTextHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"stjax {__version__}")
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--solver", choices=list(CHOICES), default="z3", help="default: z3; both must agree")
    parser.add_argument(
        "--timeout",
        type=seconds,
        default=TIMEOUT_MS / 1000,
        metavar="S",
        help="seconds per obligation (default: %(default)g)",
    )
    parser.add_argument("--model", type=Path, metavar="FILE", help="also check that this is the model")
    parser.add_argument("--plan", type=Path, metavar="FILE", help="also check that this is the plan")
    parser.add_argument("--generated", type=Path, metavar="DIR", help="also check that this is the generated C")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    return parser.parse_args(arguments)


def run(arguments: Sequence[str] | None = None) -> int:
    options = parse(arguments)
    manifest = read_manifest(options.folder)
    problems = [*wrong_files(options.folder, manifest), *wrong_subjects(manifest, options)]
    try:
        solvers = open_solvers(options.solver)
    except SolverError as error:
        raise InputError(str(error)) from None
    tally: Counter[tuple[str, str]] = Counter()
    spent = dict.fromkeys(manifest["claims"], 0.0)
    answers: dict[str, list[str]] = {}
    for entry in manifest["obligations"]:
        start = time.perf_counter()
        found = wrong_obligation(options.folder, entry, solvers, round(options.timeout * 1000), answers)
        spent[entry["claim"]] = spent.get(entry["claim"], 0.0) + time.perf_counter() - start
        problems += found
        tally[entry["claim"], "no" if found else "yes"] += 1
    problems = list(dict.fromkeys(problems))
    if options.json:
        print(json.dumps(value_of(manifest, tally, solvers, problems), indent=1))
    else:
        print_table(manifest, tally, spent, solvers)
        for problem in problems:
            print(f"wrong: {on_one_line(problem)}")
    return NOT_SOUND if problems else SOUND


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest, its shape checked.

    Raises:
      CertificateError: there is none, or it is not understood.
    """
    path = folder / "manifest.json"
    try:
        manifest = json.loads(contents_of(path))
        if manifest["certificate"] != FORMAT:
            raise CertificateError(f"{path}: format {manifest['certificate']!r}; this program reads format {FORMAT}")
        entries = manifest["obligations"]
        proofs = [entry["proof"] for entry in entries if entry.get("proof") is not None]
        texts = [manifest["model"]["sha256"], manifest["plan"]["sha256"], *manifest["generated"].values()]
        texts += [entry[key] for entry in entries for key in ("file", "sha256", "claim", "subject")]
        texts += [proof[key] for proof in proofs for key in ("file", "sha256")]
        if not all(isinstance(text, str) for text in texts):
            raise CertificateError(f"{path}: names and hashes must be text")
        if not entries or not manifest["claims"]:
            raise CertificateError(f"{path}: claims nothing")
        if not all(isinstance(stated["obligations"], int) for stated in manifest["claims"].values()):
            raise CertificateError(f"{path}: a claim states a number of obligations")
    except OSError as error:
        raise CertificateError(f"{path}: {error.strerror or error}") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise CertificateError(f"{path}: not a manifest ({type(error).__name__}: {error})") from None
    return manifest


def contents_of(path: Path) -> bytes:
    """What a file holds that lies here itself: no link leads elsewhere, and no pipe or device can say something else.

    Raises:
      OSError: there is no such file.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except ValueError:
        raise OSError(errno.EINVAL, "no file can have this name") from None
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise OSError(errno.ELOOP, "is a link, not a file") from None
        raise
    with os.fdopen(handle, "rb") as stream:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode) or status.st_size > MOST_BYTES:
            raise OSError(errno.EINVAL, "is not a file of at most 1 GiB")
        return stream.read()


def wrong_files(folder: Path, manifest: Mapping[str, Any]) -> Iterator[str]:
    """Files that are missing, changed, named twice, outside the folder, or not in the manifest."""
    expected = [(entry["file"], entry["sha256"]) for entry in manifest["obligations"]]
    proofs = [entry["proof"] for entry in manifest["obligations"] if entry.get("proof") is not None]
    expected += [(proof["file"], proof["sha256"]) for proof in proofs]
    expected.append(("plan.json", manifest["plan"]["sha256"]))
    for name, count in Counter(name for name, _ in expected).items():
        if count > 1:
            yield f"{name} is named {count} times in the manifest"
    for name, sha256 in expected:
        yield from wrong_hash(folder, name, sha256)
    known = {name for name, _ in expected} | {"manifest.json"}
    yield from (f"{path.name} is not in the manifest" for path in sorted(folder.iterdir()) if path.name not in known)
    owed = (*CLAIMS, *(claim for claim, key in OWED_WITH.items() if says(folder / "plan.json", key)))
    yield from (f"the manifest does not make claim {claim}" for claim in owed if claim not in manifest["claims"])
    for claim, stated in manifest["claims"].items():
        found = sum(entry["claim"] == claim for entry in manifest["obligations"])
        if stated["obligations"] != found:
            yield f"claim {claim} states {stated['obligations']} obligations, {found} are listed"
    yield from (
        f"{entry['file']} is of claim {entry['claim']}, which the manifest does not make"
        for entry in manifest["obligations"]
        if entry["claim"] not in manifest["claims"]
    )


def says(plan: Path, key: str) -> bool:
    """Whether a plan has this in it; what is no plan is found to be changed."""
    try:
        value = json.loads(contents_of(plan))
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(value, dict) and bool(value.get(key))


def wrong_subjects(manifest: Mapping[str, Any], options: argparse.Namespace) -> Iterator[str]:
    """Of the model, plan and C that were given for comparison, those that are not the certificate's."""
    if options.model:
        yield from wrong_hash(*place_of(options.model), manifest["model"]["sha256"])
    if options.plan:
        yield from wrong_hash(*place_of(options.plan), manifest["plan"]["sha256"])
    if options.generated:
        if not manifest["generated"]:
            yield "the certificate names no generated C; python -m export --certificate writes one that does"
        for name, sha256 in manifest["generated"].items():
            yield from wrong_hash(options.generated, name, sha256)


def place_of(path: Path) -> tuple[Path, str]:
    """Folder and name of a file that was given for comparison, which may be a link."""
    place = Path(os.path.realpath(path))
    return place.parent, place.name


def wrong_hash(folder: Path, name: str, sha256: str) -> Iterator[str]:
    """What is wrong with a file of this name in the folder itself."""
    if Path(name).name != name:
        yield f"{name!r} is not the name of a file in {folder} itself"
        return
    try:
        found = hashlib.sha256(contents_of(folder / name)).hexdigest()
    except OSError as error:
        yield f"{folder / name}: {error.strerror or error}"
        return
    if found != sha256:
        yield f"{folder / name} has been changed: its SHA-256 is {found[:16]}..., the manifest says {sha256[:16]}..."


def wrong_obligation(
    folder: Path,
    entry: Mapping[str, Any],
    solvers: Sequence[Solver],
    timeout_ms: int,
    answers: dict[str, list[str]],
) -> list[str]:
    """What is wrong with one obligation: nothing if every solver finds it unsatisfiable.

    `answers` are the solvers' to questions asked before: many obligations differ in what they are about only.
    """
    what = f"{entry['file']} ({entry['claim']}, {entry['subject']})"
    if Path(entry["file"]).name != entry["file"]:
        return [f"{what} is not read: it is not the name of a file in {folder} itself"]
    try:
        text = contents_of(folder / entry["file"]).decode("ascii")
    except OSError as error:
        return [f"{what} cannot be read: {error.strerror or error}"]
    except UnicodeDecodeError:
        return [f"{what} is not ASCII text"]
    faults = list(wrong_text(text, entry["claim"]))
    if not faults:
        question = re.sub(r"\A(;[^\n]*\n)+", "", text)
        if question not in answers:
            answers[question] = [fault for solver in solvers if (fault := not_unsatisfiable(text, solver, timeout_ms))]
        faults = answers[question]
    return [f"{what} {fault}" for fault in faults]


def not_unsatisfiable(text: str, solver: Solver, timeout_ms: int) -> str:
    """What a solver says that is not "unsat"; empty if it is."""
    try:
        answer = solver.solve(text, timeout_ms)
    except SolverError as error:
        return f"is not decided: {error}"
    if answer.result == "unsat":
        return ""
    return f"is not unsatisfiable: {solver.name} answered {answer.result} {answer.reason}".rstrip()


def wrong_text(text: str, claim: str) -> Iterator[str]:
    """Whether it is one question of the expected form, about the claim that the manifest names."""
    if not text.startswith(f"; {claim}: "):
        yield f"does not begin with its claim, '; {claim}: ...'"
    commands = list(top_level_commands(text))
    for name in sorted(set(commands) - COMMANDS):
        yield f"has the command {name!r}; allowed are {', '.join(sorted(COMMANDS))}"
    if commands.count("check-sat") != 1 or commands[-1] != "check-sat":
        yield "must end in its only check-sat"
    if "assert" not in commands:
        yield "asserts nothing"


def top_level_commands(text: str) -> Iterator[str]:
    """The first word of every command; "" for what is none. Obligations hold no strings and no quoted symbols."""
    depth = 0  # deeper than MOST_DEPTH is none, either
    tokens = re.findall(r"[()]|[^\s()]+", re.sub(r";[^\n]*", "", text))
    for place, token in enumerate(tokens):
        if depth == 0:
            following = tokens[place + 1] if token == "(" and place + 1 < len(tokens) else ""
            yield following if following not in ("(", ")") else ""
        depth += {"(": 1, ")": -1}.get(token, 0)
        if not 0 <= depth <= MOST_DEPTH or token[0] in '"|':
            yield ""
            return
    if depth:
        yield ""


def value_of(
    manifest: Mapping[str, Any],
    tally: Mapping[tuple[str, str], int],
    solvers: Sequence[Solver],
    problems: Sequence[str],
) -> dict[str, Any]:
    """What was found, for machines. `claims` are numbers of obligations: unsatisfiable ones, and all."""
    return {
        "verdict": "wrong" if problems else "sound",
        "model": manifest["model"]["sha256"],
        "plan": manifest["plan"]["sha256"],
        "generated": manifest["generated"],
        "solvers": {solver.name: solver.version for solver in solvers},
        "claims": {
            claim: {"unsatisfiable": tally.get((claim, "yes"), 0), "of": stated["obligations"]}
            for claim, stated in manifest["claims"].items()
        },
        "wrong": list(problems),
    }


def print_table(
    manifest: Mapping[str, Any],
    tally: Mapping[tuple[str, str], int],
    spent: Mapping[str, float],
    solvers: Sequence[Solver],
) -> None:
    lines = [f"model {manifest['model'].get('name')} {manifest['model']['sha256']}"]
    lines.append(f"plan  {manifest['plan']['sha256']}")
    lines += [f"C     {name} {sha256}" for name, sha256 in manifest["generated"].items()]
    used = " and ".join(f"{solver.name} {solver.version}" for solver in solvers)
    lines.append(f"{'claim':18}{'unsatisfiable':>15}{'seconds':>9}  {used}")
    for claim, stated in manifest["claims"].items():
        good, bad = tally.get((claim, "yes"), 0), tally.get((claim, "no"), 0)
        label = f"{claim} {stated.get('name', '')}"
        took = f"{spent.get(claim, 0.0):>9.2f}"
        lines.append(f"{label:18}{f'{good} of {good + bad}':>15}{took}  {stated.get('sentence', '')}")
    print("\n".join(map(on_one_line, lines)))


def main() -> int:
    return command(run)
