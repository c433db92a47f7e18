"""What a network takes with a size a step smaller: which sizes there are, and that the figures are plans'."""

from dataclasses import replace

import pytest

pytest.importorskip("flax")
pytest.importorskip("tensorflow")

from stjax.assess import report
from stjax.assess.smaller import changes, narrower, options, stands_at
from stjax.models import Block, Named, StreamTinyNet, VideoConfig
from stjax.nn import Conv, Dense, Flatten, Sequential, TemporalConv
from verify.targets.registry import PORTABLE

pytestmark = pytest.mark.train

CONFIG = VideoConfig(9, 7, 1, classes=3, frames=2, stem=4, blocks=(Block(4), Block(12, 2, 1)), hidden=(5,))


def test_sizes_of_a_config_are_found_with_the_layers_that_they_describe():
    found = {(c.layer, c.text): c.model for c in changes(StreamTinyNet(CONFIG))}
    assert found[("block1", "features 12 -> 8")].config == replace(CONFIG, blocks=(Block(4), Block(8, 2, 1)))
    assert found[("temporal", "frames 2 -> 1")].config.frames == 1
    assert ("stem", "stem 4 -> 3") in found and ("dense0", "hidden 5 -> 4") in found
    assert ("block0", "stride 1 -> 2") in found
    assert not [text for layer, text in found if layer == "block1" and text.startswith(("stride", "expansion"))]


def test_sizes_of_layers_of_ones_own_are_found():
    own = Sequential((Conv(8, 3, name="first"), TemporalConv(3, 1, name="time"), Flatten(), Dense(2, name="last")))
    texts = [(c.layer, c.text) for c in changes(own)]
    assert ("first", "features 8 -> 7") in texts and ("time", "frames 3 -> 2") in texts
    assert own.layers[0].features == 8, "the network itself is left alone"


def test_widths_go_down_in_fours_and_few_one_by_one():
    assert [narrower(width) for width in (48, 46, 9, 8, 2, 1)] == [44, 44, 8, 7, 1, None]


def test_a_label_is_of_its_layer_only():
    assert stands_at("block1", 'op 3 "block1.expand" (CONV_2D)')
    assert not stands_at("block1", 'op 3 "block10.expand" (CONV_2D)') and not stands_at("", 'op 3 "" (ADD)')


def test_figures_are_those_of_the_changed_networks_plans():
    def network(config):
        return Named("own:net", StreamTinyNet(config), config.frames, config.frame_shape)

    found = options(network(CONFIG), PORTABLE, "stream")
    assert found.smaller and all(s.at_peak or s.text.startswith("frames ") for s in found.smaller)
    assert [s.sram for s in found.smaller] == sorted(s.sram or 0 for s in found.smaller)
    (one,) = [s for s in found.smaller if s.text == "frames 2 -> 1"]
    again = options(network(replace(CONFIG, frames=1)), PORTABLE, "stream")
    assert one.sram is not None and one.macs is not None
    assert again.sram == one.sram < found.sram
    text = report.step_cells(found)
    assert ["temporal", "frames 2 -> 1", f"{one.sram:,}", f"{found.sram - one.sram:,}", f"{one.macs:,}"] in text
