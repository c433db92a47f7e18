"""What all tests share: the folder of models, the examples drawn, which tests are skipped."""

import importlib.util
import os
from pathlib import Path

import hypothesis
import pytest

ROOT = Path(__file__).resolve().parent.parent
MODELS = Path(os.environ.get("STJAX_MODELS", ROOT.parent / "shared" / "models"))

# Nearly all of the training tests' time is XLA's, which compiles each small network as if it were to run for days.
os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=0")

# Two processes share the machine with compilers and emulators, so an example's time says nothing about the code. The
# examples are the same on every run and every machine: a red build points at the change. New ones are for `make fuzz`,
# which draws them from a seed that it prints; what fails there is kept as an explicit example.
hypothesis.settings.register_profile("stjax", deadline=None, derandomize=True)
hypothesis.settings.register_profile("fuzz", deadline=None, derandomize=False, database=None)
hypothesis.settings.load_profile("stjax")


# Without the training packages the tests of stjax cannot even be imported.
TRAINING = ("flax", "jax", "tensorflow")
if any(importlib.util.find_spec(name) is None for name in TRAINING):
    collect_ignore_glob = ["stjax/*"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    missing = [name for name in TRAINING if importlib.util.find_spec(name) is None]
    if missing:
        skip = pytest.mark.skip(reason=f"{', '.join(missing)} not installed (make setup-train)")
        for item in items:
            if "train" in item.keywords:
                item.add_marker(skip)


@pytest.fixture(scope="session")
def models_dir() -> Path:
    """The folder of third-party models; tests that ask for it are skipped where it is absent."""
    if not MODELS.is_dir():
        pytest.skip("no folder of third-party models (set STJAX_MODELS)")
    return MODELS
