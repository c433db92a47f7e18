"""UCF101 as its builder in tensorflow-datasets leaves it: a stand-in with the same features, name and version."""

import pickle

import numpy as np
import pytest

pytest.importorskip("tensorflow_datasets")
pytest.importorskip("jaxtyping")
import tensorflow_datasets as tfds

from stjax.data import Batches, ClipWindow, DataError, DatasetConfig, PipelineConfig, load_splits
from tests.stjax.data.media_files import pixels, seen

pytestmark = pytest.mark.train


def prepare(folder, file_format: str) -> None:
    """20 training clips of class 3 and one of class 0, two test clips; 3, 4, 5, 3, ... frames."""
    with tfds.core.registered.skip_registration():

        class Ucf101(tfds.core.GeneratorBasedBuilder):
            name = "ucf101"
            VERSION = tfds.core.Version("2.0.0")
            BUILDER_CONFIGS = (tfds.core.BuilderConfig(name="ucf101_1", description="stand-in"),)

            def _info(self):
                real = tfds.builder("ucf101/ucf101_1", data_dir=str(folder / "elsewhere"))
                return tfds.core.DatasetInfo(builder=self, features=real.info.features)

            def _split_generators(self, dl_manager):
                return {"train": self._generate_examples(21), "test": self._generate_examples(2)}

            def _generate_examples(self, clips):
                for i in range(clips):
                    yield f"v_{i:02d}.avi", {"video": pixels(3 + i % 3, 24, 32), "label": 0 if i == 7 else 3}

    Ucf101(data_dir=str(folder), file_format=file_format).download_and_prepare()


def test_clips_are_read_from_the_prepared_records(tmp_path):
    config = DatasetConfig("ucf101/split1", data_dir=str(tmp_path))
    with pytest.raises(DataError, match=r"does not exist. ucf101 is read from files that tensorflow-datasets has prep"):
        load_splits(config)
    prepare(tmp_path, "array_record")
    splits = load_splits(config)
    assert [len(part) for part in (splits.train, splits.validation, splits.test)] == [19, 2, 2]
    assert len(splits.train.classes) == 101
    assert sorted(splits.train.label(i) for i in range(19)) == [0] + 18 * [3]
    assert {splits.validation.label(i) for i in range(2)} == {3}
    for clip in range(19):
        whole = splits.train.read(clip, np.arange(splits.train.length(clip)))
        assert whole.shape[1:] == (24, 32, 3) and seen(whole) == list(range(len(whole)))
    config = PipelineConfig(ClipWindow(2), batch_size=2, size=(6, 8), channels=1)
    batch = Batches(pickle.loads(pickle.dumps(splits.test)), config).batch(0, 0)
    assert batch.clips.shape == (2, 2, 6, 8, 1) and [seen(clip)[0] for clip in batch.clips] == [0, 0]
    assert splits.train.symmetry.horizontal_flip == tuple(range(101)) and splits.train.symmetry.ordered == ()


def test_files_without_random_access_are_refused(tmp_path):
    prepare(tmp_path, "tfrecord")
    with pytest.raises(
        DataError, match='is prepared as tfrecord, of which single clips cannot be read.*"array_record"'
    ):
        load_splits(DatasetConfig("ucf101/split1", data_dir=str(tmp_path)))
