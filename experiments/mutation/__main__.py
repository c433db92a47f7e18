"""`python -m experiments.mutation`: plants faults in plans and asks who finds them; `--legal` proves legal plans."""

import argparse
import json
import os
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from pathlib import Path

from experiments.mutation.judge import Judgement
from experiments.mutation.legal import legal_markdown, run_legal
from experiments.mutation.models import SMALL, zoo
from experiments.mutation.report import markdown
from experiments.mutation.run import Count, Note, run_model
from verify.commands import cli
from verify.report.tables import console

ROOT = Path(__file__).resolve().parent.parent.parent
MODELS = Path(os.environ.get("STJAX_MODELS", ROOT.parent / "shared" / "models"))


def main() -> int:
    options = parse()
    return legal(options) if options.legal else mutation(options)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m experiments.mutation", description=__doc__)
    parser.add_argument("--folder", type=Path, default=MODELS, help="folder with mcunet_zoo/")
    parser.add_argument("--models", nargs="*", metavar="NAME", help="names of the zoo or of the small models; all")
    parser.add_argument("--seeds", type=int, default=20, help="mutants per kind and model")
    parser.add_argument("--workers", type=int, default=min(2, os.cpu_count() or 1), help="processes")
    parser.add_argument("--legal", type=int, metavar="N", help="instead: N random networks under random legal plans")
    parser.add_argument("--compiled", type=int, default=20, metavar="N", help="with --legal: so many also as C here")
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="DIR",
        help="write results here; with --models, the other models' results that are there already stay",
    )
    return parser.parse_args()


def mutation(options: argparse.Namespace) -> int:
    every = [*zoo(options.folder), *SMALL]
    names = options.models or every
    unknown = sorted(set(names) - set(every))
    if unknown:
        raise cli.InputError(f"no model is called {unknown[0]!r}; there are {', '.join(every)}")
    if set(names) <= set(SMALL) and not options.models:
        raise cli.InputError(f"there is no mcunet_zoo/ in {options.folder}; name small models with --models")
    earlier = stored(options.output / "results.json") if options.output and options.models else ([], [])
    counts = [count for count in earlier[0] if count.model not in names]
    notes = [note for note in earlier[1] if note.model not in names]
    survivors = 0
    with ProcessPoolExecutor(options.workers) as pool, cli.progress("models") as progress:
        jobs = [pool.submit(run_model, name, options.folder, options.seeds) for name in names]
        for done, job in enumerate(as_completed(jobs), 1):
            found, noted = job.result()
            survivors += sum(count.survivors + count.unknown for count in found)
            counts = sorted(counts + found, key=lambda count: every.index(count.model))
            notes = sorted(notes + noted, key=lambda note: every.index(note.model))
            if options.output:  # as it goes: what is done stays done
                values = {"counts": [asdict(count) for count in counts], "notes": [asdict(note) for note in notes]}
                write(options.output, "results", markdown(counts, notes), values)
            progress(done, len(jobs))
    console(highlight=False).print(markdown(counts, notes), markup=False, soft_wrap=True)
    return 1 if survivors else 0


def stored(path: Path) -> tuple[list[Count], list[Note]]:
    """The results that are there already."""
    if not path.exists():
        return [], []
    values = json.loads(path.read_text())
    notes = [Note(**{**note, "judgement": Judgement(**note["judgement"])}) for note in values["notes"]]
    return [Count(**count) for count in values["counts"]], notes


def legal(options: argparse.Namespace) -> int:
    with cli.progress("networks") as progress:
        found = run_legal(options.legal, options.compiled, options.workers, progress)
    if options.output:
        write(options.output, "legal", legal_markdown(found), asdict(found))
    console(highlight=False).print(legal_markdown(found), markup=False, soft_wrap=True)
    return 1 if found.failures else 0


def write(folder: Path, name: str, text: str, values: object) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    cli.write_beside(folder / f"{name}.md", text)
    cli.write_beside(folder / f"{name}.json", json.dumps(values, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(cli.guarded(main))
