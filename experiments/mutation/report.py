"""The tables of the mutation score, as Markdown."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import fields

from experiments.mutation.run import Count, Note

HEAD = """\
Made by `python -m experiments.mutation -o experiments/mutation`; README.md says what the columns mean.

"""


def markdown(counts: Sequence[Count], notes: Sequence[Note]) -> str:
    total = merged("all", counts)
    kinds = list(dict.fromkeys(count.kind for count in counts))
    models = list(dict.fromkeys(count.model for count in counts))
    lines = [
        f"{total.planted:,} faults of {len(kinds)} kinds planted in plans of {len(models)} models; {total.distinct:,} "
        f"different mutants. {total.faulty:,} of them are faulty; the checker refutes {total.refuted:,}, "
        f"{total.survivors} survive, {total.unknown} are undecided.",
        "",
        "| score, of faulty mutants | found | of | score |",
        "|---|---:|---:|---:|",
        score("checker (z3) alone", total.refuted, total.faulty),
        score("run of identities alone", total.by_identities, total.faulty),
        score("replay of numbers alone (small models)", total.by_values, total.replayed),
        "",
        f"{total.equivalent:,} mutants are proved, and every run of them is right: {total.equivalent:,} by identities, "
        f"{total.equivalent_replayed:,} by replay of numbers over two kinds of garbage as well (small models). "
        f"{total.harmless_refuted:,} are refuted although every run is right.",
        "",
        "## By kind",
        "",
        *table("kind", [(kind, merged(kind, of(counts, kind=kind))) for kind in kinds]),
        "",
        "## By model",
        "",
        *table("model", [(model, merged(model, of(counts, model=model))) for model in models]),
        "",
        "## Refuted although every run is right",
        "",
        "| mutants | kind | claim | what does not hold |",
        "|---:|---|---|---|",
        *reasons(notes),
    ]
    found = [note for note in notes if note.what in ("survivor", "undecided")]
    lines += ["", "## Survivors and undecided", "", "none" if not found else ""]
    lines += [f"- {n.what}: {n.model}, {n.kind}, seed {n.seed}, {n.base}: {n.judgement}" for n in found]
    return HEAD + "\n".join(lines).rstrip() + "\n"


def of(counts: Iterable[Count], **wanted: str) -> list[Count]:
    return [count for count in counts if all(getattr(count, name) == value for name, value in wanted.items())]


def merged(name: str, counts: Iterable[Count]) -> Count:
    """The sum of several counts."""
    total, claims = Count(name, name, False), Counter[str]()
    for count in counts:
        for field in fields(Count):
            if isinstance(getattr(total, field.name), int) and field.name != "silent":
                setattr(total, field.name, getattr(total, field.name) + getattr(count, field.name))
        claims.update(count.claims)
    total.claims = dict(sorted(claims.items()))
    return total


def score(name: str, found: int, every: int) -> str:
    return f"| {name} | {found:,} | {every:,} | {100 * found / every:.1f} % |" if every else f"| {name} | 0 | 0 | - |"


def table(title: str, rows: Sequence[tuple[str, Count]]) -> list[str]:
    lines = [
        f"| {title} | planted | different | faulty | z3 refutes | identities show | numbers show | equivalent | "
        "harmless, refuted | survivors | refuted by |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---|",
    ]
    for name, count in rows:
        numbers = f"{count.by_values} of {count.replayed}" if count.replayed else "-"
        claims = ", ".join(f"{claim} {n}" for claim, n in sorted(count.claims.items()))
        cells = [name, count.planted, count.distinct, count.faulty, count.refuted, count.by_identities, numbers]
        cells += [count.equivalent, count.harmless_refuted, count.survivors, claims or "-"]
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return lines


def reasons(notes: Sequence[Note]) -> list[str]:
    """The most frequent reasons; numbers in sentences differ from plan to plan and are left out."""
    harmless = [note for note in notes if note.what not in ("survivor", "undecided")]
    groups = Counter((n.kind, n.judgement.claim, without_numbers(n.judgement.sentence)) for n in harmless)
    ranked = groups.most_common(15)
    rest = sum(groups.values()) - sum(count for _, count in ranked)
    lines = [f"| {count} | {kind} | {claim} | {sentence} |" for (kind, claim, sentence), count in ranked]
    return [*lines, f"| {rest} | others | | |"] if rest else lines


def without_numbers(text: str) -> str:
    return " ".join("N" if word.rstrip(":,").isdigit() else word for word in text.split())
