"""Turns shape annotations into checks, for tests. Packages that were imported before are not changed."""

from importlib.util import find_spec


def check_annotations() -> None:
    """jaxtyping's import hook on the packages under test, if jaxtyping and a type checker are installed."""
    if find_spec("jaxtyping") and find_spec("beartype"):
        from jaxtyping import install_import_hook

        install_import_hook(["stjax.nn", "stjax.models", "stjax.cost"], "beartype.beartype")
