"""The one exception of the reader, and how texts out of a model file are made safe to print."""

NAME_LIMIT = 120
"""Characters of a name that a message shows; names in the file may have any length."""


class ModelError(Exception):
    """A model file that cannot be read: one line saying where, what was found, the rule, and the way out."""

    def __init__(self, message: str) -> None:
        super().__init__(safe_text(message, limit=2000))


def safe_text(text: str, limit: int = NAME_LIMIT) -> str:
    """`text` without control characters and line breaks, cut to `limit` characters."""
    if len(text) > limit:
        text = text[: limit - 3] + "..."
    return text if text.isprintable() else "".join(c if c.isprintable() else "?" for c in text)
