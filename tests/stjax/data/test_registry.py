"""Datasets are found by being there."""

import dataclasses
import sys

import pytest

pytest.importorskip("jaxtyping")
import stjax.data.sets
from stjax.data import DataError, DatasetConfig, load, registry
from stjax.data.__main__ import described
from stjax.data.registry import datasets

pytestmark = pytest.mark.train

TOY = '''"""A dataset of no clips."""
from stjax.data.registry import Dataset
DATASET = Dataset("{name}", "toy", lambda config, variant: (config.options, variant), ("", "b"), dict, licence="none")
'''


@pytest.fixture
def toy(tmp_path, monkeypatch):
    """Puts a module into the folder of datasets, under another folder of the same package."""

    def put(name: str) -> None:
        (tmp_path / "toy.py").write_text(TOY.format(name=name))
        monkeypatch.setattr(stjax.data.sets, "__path__", [*stjax.data.sets.__path__, str(tmp_path)])
        monkeypatch.delitem(sys.modules, "stjax.data.sets.toy", raising=False)

    yield put
    sys.modules.pop("stjax.data.sets.toy", None)


def test_a_module_in_the_folder_is_a_dataset(toy):
    before = datasets()
    toy("toy")
    assert {*datasets()} == {*before, "toy"}
    dataset, variant = registry.dataset_named("toy/b")
    assert variant == "b" and dataset.names == ("toy", "toy/b")
    assert dataset.load(DatasetConfig("toy/b", options={1: 2}), "b") == ({1: 2}, "b")
    assert (
        described(dataset)
        == "toy: toy\n  names:   toy, toy/b\n  frames:  read from memory\n  options: dict\n  licence: none"
    )


def test_a_dataset_is_called_as_its_module(toy):
    toy("other")
    with pytest.raises(AssertionError, match="a dataset is called as its module is"):
        datasets()


def test_unknown_names_are_answered_with_the_list():
    for name in ("nothing", "fir16", "fir16/fold5", "capfingerid/raw"):
        with pytest.raises(
            DataError, match=f'there is no dataset "{name}"; there are .*capfingerid/reversed_copies, .*fir16/fold1, '
        ):
            load(DatasetConfig(name), "train")


def test_options_of_another_dataset_are_refused():
    with pytest.raises(DataError, match='"fir16/fold1" takes no options, found 3'):
        load(DatasetConfig("fir16/fold1", options=3), "train")
    with pytest.raises(DataError, match='"moving_shapes" takes a MovingShapesConfig as options, found 3'):
        load(DatasetConfig("moving_shapes", shapes=3), "train")


@pytest.mark.parametrize("name", sorted(datasets()))
def test_every_dataset_says_what_it_needs(name):
    dataset = datasets()[name]
    assert dataset.summary and dataset.variants
    assert bool(dataset.instructions) == (name != "moving_shapes")
    assert not dataset.instructions or "STJAX_DATA" in dataset.instructions
    assert dataset.options is None or dataclasses.is_dataclass(dataset.options)
