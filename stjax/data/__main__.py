"""`python -m stjax.data`: the datasets, what they are and what they need."""

import textwrap

from stjax.data.registry import Dataset, datasets


def described(dataset: Dataset) -> str:
    """A few lines about one dataset."""
    facts = {
        "names": ", ".join(dataset.names),
        "frames": f"read from {dataset.frames_from}",
        "options": "" if dataset.options is None else dataset.options.__name__,
        "licence": dataset.licence,
        "files": dataset.instructions,
    }
    lines = [f"{dataset.name}: {dataset.summary}"]
    for name, text in facts.items():
        if text:
            lines += textwrap.wrap(text, 118, initial_indent=f"  {name + ':':<9}", subsequent_indent=" " * 11)
    return "\n".join(lines)


if __name__ == "__main__":
    print("\n\n".join(map(described, datasets().values())))
