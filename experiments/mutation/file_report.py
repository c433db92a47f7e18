"""The table of mutants of plan files, as Markdown."""

from collections import Counter
from collections.abc import Iterable, Sequence

from experiments.mutation.chunk import Chunk

OUTCOMES = ("not read", "refuted", "unknown", "not exported", "right", "wrong", "exception")


def markdown(chunks: Sequence[Chunk]) -> str:
    total = Counter(outcome for chunk in chunks for counts in chunk.counts.values() for outcome in repeated(counts))
    kinds = list(dict.fromkeys(kind for chunk in chunks for kind in chunk.counts))
    subjects = list(dict.fromkeys(chunk.subject for chunk in chunks))
    mutants = sum(chunk.mutants for chunk in chunks)
    by_kind = {
        k: merged(counts for c in chunks for kind, counts in c.counts.items() if kind == k) for k in sorted(kinds)
    }
    by_subject = {s: merged(counts for c in chunks if c.subject == s for counts in c.counts.values()) for s in subjects}
    reasons = merged(chunk.reasons for chunk in chunks)
    lines = [
        "Made by `python -m experiments.mutation.files -o experiments/mutation`; README.md says what the columns mean.",
        "",
        f"{mutants:,} mutants of plan files of {len(subjects)} models. {total['right']:,} are proved and right in "
        f"every bit ({sum(chunk.compiled for chunk in chunks):,} different C programs); "
        f"**{total['wrong']:,} are proved and wrong**, {total['exception']:,} end in an exception.",
        "",
        *table("change", by_kind | {"all": total}),
        "",
        *table("model", by_subject),
    ]
    if reasons:
        lines += ["", "| why a proved plan was not exported, or what went wrong | mutants |", "|---|---:|"]
        lines += [f"| {reason} | {count:,} |" for reason, count in reasons.most_common(30)]
    return "\n".join(lines) + "\n"


def repeated(counts: dict[str, int]) -> Iterable[str]:
    return Counter(counts).elements()


def merged(counts: Iterable[dict[str, int]]) -> Counter[str]:
    total = Counter[str]()
    for part in counts:
        total.update(part)
    return total


def table(title: str, rows: dict[str, Counter[str]]) -> list[str]:
    lines = [f"| {title} | mutants | {' | '.join(OUTCOMES)} |", "|---|" + "---:|" * (len(OUTCOMES) + 1)]
    for name, counts in rows.items():
        cells = [f"{counts.total():,}", *(f"{counts[outcome]:,}" for outcome in OUTCOMES)]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines
