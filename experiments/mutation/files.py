"""`python -m experiments.mutation.files`: mutants of plan files, judged by the bits of firmware under sanitizers.

Each mutant goes the way of anybody's file: it is read, checked, and where it is proved exported, read back, compiled
and run on this computer. What is proved has to give the model's own bits, with no complaint of a sanitizer. Mutants are
drawn in chunks, each of a seed of its own; chunks that are already in the output's folder are not made again.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
import traceback
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from experiments.mutation import plan_files
from experiments.mutation.chunk import Chunk, Finding
from experiments.mutation.file_report import markdown
from experiments.mutation.firmware import Firmware, Samples, compile_kernels, stack_problem, structure
from experiments.mutation.judge import Judge
from experiments.mutation.subjects import Subject, is_large, subject_names, subject_of
from export.c.emit import ExportError, printed, program_of
from export.c.readback import differences
from verify.commands import cli
from verify.graph.graph import Graph
from verify.graph.plan import Plan
from verify.graph.plan_json import PlanError, plan_from_json
from verify.proof.check import check
from verify.report.tables import console
from verify.targets.choice import with_kernels
from verify.targets.target import NoKernelError

ROOT = Path(__file__).resolve().parent.parent.parent
MODELS = Path(os.environ.get("STJAX_MODELS", ROOT.parent / "shared" / "models"))
CHUNK = 200
MOST_CHANGES = 4
POPULATION = 60
CONFIRMED = 50
"""One refuted mutant in so many is also given to the checker's own entry point."""
TIMEOUT_MS = 5000
MEASURED = 4
"""Kinds of plans of one subject whose stack is measured too, where there is a compiler for Cortex-M."""


class Mutants:
    """One subject's mutants."""

    def __init__(self, subject: Subject, firmware: Firmware):
        self.subject, self.firmware = subject, firmware
        self.judges: dict[object, Judge] = {}
        self.refuted = 0
        self.known: dict[Plan, tuple[str, str]] = {}
        self.measured: set[tuple[object, ...]] = set()

    def chunk(self, number: int, size: int) -> Chunk:
        """So many mutants; proved ones are mutated on, so that what is far from any plan of the planner is reached."""
        result = Chunk(self.subject.name, number)
        rng = np.random.default_rng([number, *self.subject.name.encode()])
        base = [plan_files.written_out(plan) for plan in self.subject.plans]
        population: list[Any] = []
        while result.mutants < size:
            kinds = plan_files.kinds_of_changes(rng, MOST_CHANGES)
            document = plan_files.pick(rng, population if population and rng.integers(len(kinds) + 1) else base)
            try:
                mutant = plan_files.changed(document, kinds, rng)
            except plan_files.NowhereError:
                continue
            if rng.integers(len(kinds) + 1) and not plan_files.MOVES.intersection(kinds):
                mutant = plan_files.packed(self.subject.step or self.subject.model, mutant, rng)
            text = plan_files.text_of(mutant)
            outcome, reason = self.outcome(text)
            result.add(kinds, outcome, reason)
            if outcome == "right":
                population = [*population[-POPULATION:], mutant]
            elif outcome in ("wrong", "exception"):
                seed = [number, result.mutants]
                result.findings.append(Finding(self.subject.name, seed, kinds, f"{outcome}: {reason}", text))
        result.compiled, self.firmware.compiled = self.firmware.compiled, 0
        return result

    def outcome(self, text: str) -> tuple[str, str]:
        """ "not read", "refuted", "unknown", "not exported", "right", "wrong" or "exception", and why."""
        try:
            try:
                plan = plan_from_json(text)
                graph, samples = self.subject.program_of(plan)
                plan = with_kernels(graph, plan)
            except (PlanError, NoKernelError, cli.InputError):
                return "not read", ""
            if plan not in self.known:
                self.known[plan] = self._verdict(graph, samples, plan)
            return self.known[plan]
        except Exception as error:  # whatever it is, it is a finding
            place = traceback.extract_tb(error.__traceback__)[-1]
            return "exception", f"{type(error).__name__} in {Path(place.filename).name}: {error}"[:200]

    def _verdict(self, graph: Graph, samples: Samples, plan: Plan) -> tuple[str, str]:
        if plan.model_sha256 != graph.sha256:
            return "refuted", ""
        about = plan.clip_frames, graph.left_out
        if about not in self.judges:
            self.judges[about] = Judge(graph)
        judged = self.judges[about](plan).result
        self.refuted += judged == "refuted"
        if judged == "refuted" and self.refuted % CONFIRMED:
            return "refuted", ""
        report, proved = check(graph, plan, TIMEOUT_MS)
        if proved is None:
            return report.verdict, ""
        try:
            program = program_of(proved)
            files = printed(proved, program)
        except ExportError as error:
            return "not exported", plan_files.without_numbers(str(error))
        if wrong := differences(files, proved, program):
            return "not exported", plan_files.without_numbers(f"read back: {wrong[0]}")
        result = self.firmware.judge(files, samples, plan.time_step)
        problem = self._stack_problem(files, plan) if result == "right" else result
        return ("wrong", problem) if problem else ("right", "")

    def _stack_problem(self, files: dict[str, str], plan: Plan) -> str:
        """Of the first plans of a kind only: it takes a second or two."""
        kind = structure(plan)
        if kind in self.measured or len(self.measured) == MEASURED or shutil.which("arm-none-eabi-gcc") is None:
            return ""
        self.measured.add(kind)
        return stack_problem(files, plan, self.firmware.folder)


# -- chunks on processes ----------------------------------------------------------------------------------------


@lru_cache(maxsize=2)
def mutants_of(name: str, models: Path, folder: Path) -> Mutants:
    """They stay with the process from chunk to chunk."""
    return Mutants(subject_of(name, models), Firmware(folder))


def run_chunk(name: str, models: Path, folder: Path, number: int, size: int) -> Chunk:
    return mutants_of(name, models, folder).chunk(number, size)


def main() -> int:
    options = parse()
    names = options.subjects or subject_names(options.folder)
    numbers = range(-(-options.mutants // (CHUNK * len(names))))
    chunks = [(name, number) for number in numbers for name in names if number == 0 or not is_large(name)]
    done = load(options.output)
    todo = [(name, number) for name, number in chunks if (name, number) not in done]
    todo.sort(key=lambda pair: names.index(pair[0]))  # what a subject needs is then made once
    with (
        tempfile.TemporaryDirectory(prefix="stjax-mutants-") as temporary,
        ProcessPoolExecutor(options.workers) as pool,
        cli.progress("chunks of mutants") as progress,
    ):
        folder = Path(temporary)
        compile_kernels(folder)
        jobs = [pool.submit(run_chunk, name, options.folder, folder, number, CHUNK) for name, number in todo]
        for count, job in enumerate(as_completed(jobs), 1):
            chunk = job.result()
            done[chunk.subject, chunk.number] = chunk
            write(options.output, [done[pair] for pair in chunks if pair in done])
            progress(count, len(todo))
            for finding in chunk.findings:
                print(f"{finding.subject}: {', '.join(finding.kinds)}: {finding.outcome}", file=sys.stderr)
    found = [done[pair] for pair in chunks]
    console(highlight=False).print(markdown(found), markup=False, soft_wrap=True)
    return 1 if any(chunk.findings for chunk in found) else 0


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m experiments.mutation.files", description=__doc__)
    parser.add_argument("--folder", type=Path, default=MODELS, help="folder with field/, corpus/ and mcunet_zoo/")
    parser.add_argument("--subjects", nargs="*", metavar="NAME", help="names of subjects; all")
    parser.add_argument("--mutants", type=int, default=20_000, help="how many in all")
    parser.add_argument("--workers", type=int, default=min(2, os.cpu_count() or 1), help="processes")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="DIR", help="files.md and files.json")
    return parser.parse_args()


def load(folder: Path) -> dict[tuple[str, int], Chunk]:
    """Chunks that are there already."""
    path = folder / "files.json"
    values = json.loads(path.read_text()) if path.exists() else []
    chunks = [Chunk(**{**value, "findings": [Finding(**f) for f in value["findings"]]}) for value in values]
    return {(chunk.subject, chunk.number): chunk for chunk in chunks}


def write(folder: Path, chunks: list[Chunk]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(json.dumps(asdict(chunk)) for chunk in chunks)
    cli.write_beside(folder / "files.json", f"[\n{lines}\n]\n")
    cli.write_beside(folder / "files.md", markdown(chunks))


if __name__ == "__main__":
    sys.exit(cli.guarded(main))
