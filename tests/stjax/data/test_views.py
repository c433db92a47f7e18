"""Clips of other sources, picked and put together."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("jaxtyping")
from stjax.data.views import joined, labels_of, picked
from tests.stjax.data import clip_sets

pytestmark = pytest.mark.train


def test_a_view_reads_what_its_sources_read():
    clips = clip_sets.numbered()
    numbers = np.array([3, 0, 3])
    view = joined(picked(clips, numbers), clips)
    assert len(view) == 3 + len(clips)
    assert labels_of(view).tolist() == [clips.label(k) for k in (*numbers, *range(len(clips)))]
    for place, number in enumerate((*numbers, *range(len(clips)))):
        frames = np.arange(view.length(place))[::-1]
        np.testing.assert_array_equal(view.read(place, frames), clips.clip(int(number))[::-1])
        np.testing.assert_array_equal(view.decode(place, frames), clips.clip(int(number))[::-1])


def test_a_mask_picks_and_other_classes_do_not_mix():
    clips = clip_sets.numbered()
    assert len(picked(clips, np.arange(len(clips)) == 1)) == 1
    other = replace(clips, classes=("another", *clips.classes[1:]))
    with pytest.raises(ValueError, match="do not go with"):
        joined(clips, other)
