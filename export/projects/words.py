"""Words that packages of several ecosystems need: names and versions in the forms that they allow."""

import re

import verify


def class_name(prefix: str) -> str:
    """`stj_model` as `StjModel`: a letter first, then letters and digits, at most 40."""
    return "".join(part[:1].upper() + part[1:] for part in prefix.split("_"))


def version_of() -> str:
    """This project's version as three numbers, which is what package managers take for a release."""
    numbers = re.findall(r"\d+", verify.__version__)[:3]
    return ".".join((*numbers, "0", "0")[:3])
