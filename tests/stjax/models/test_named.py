"""Networks by name: presets, and one's own as module:attribute."""

import sys

import pytest

pytest.importorskip("flax")

from stjax.models.named import named

pytestmark = pytest.mark.train

SOURCE = """
import flax.linen
from stjax.models import Block, StreamTinyNet, VideoConfig
from stjax.nn import Dense, Flatten, Sequential, TemporalConv

layers = Sequential([TemporalConv(3, time="valid"), Flatten(), Dense(5)])


def made():
    return StreamTinyNet(VideoConfig(8, 6, 1, classes=4, frames=3, stem=4, blocks=(Block(4, 2),)))


class Plain(flax.linen.Module):
    frame_shape = (7, 5, 2)


plain = Plain()
text = "no network"
"""


@pytest.fixture
def own(tmp_path, monkeypatch):
    (tmp_path / "own_networks.py").write_text(SOURCE)
    monkeypatch.chdir(tmp_path)
    yield
    sys.modules.pop("own_networks", None)


@pytest.mark.usefixtures("own")
def test_a_network_of_ones_own_says_its_clips_or_is_told():
    assert named("own_networks:made").clip_shape == (3, 8, 6, 1)
    assert named("own_networks:made", frames=5).clip_shape == (5, 8, 6, 1)
    assert named("own_networks:layers", frame_shape=(9, 7, 1)).clip_shape == (3, 9, 7, 1)
    assert named("own_networks:plain", frames=2).clip_shape == (2, 7, 5, 2)
    assert named("own_networks:made").layer.warmup_frames == 2


@pytest.mark.usefixtures("own")
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("own_networks:layers", "does not say what its frames are"),
        ("own_networks:plain", "does not say how many frames it takes"),
        ("own_networks:nothing", 'no "nothing"; of networks it has: layers, plain, made'),
        ("own_networks:text", "is a str, neither a Flax module"),
        ("nowhere_to_be_found:net", "no module nowhere_to_be_found"),
        ("a preset", 'no network is called "a preset"; there are streamtinynet-touch'),
    ],
)
def test_what_is_no_network_is_named(name, message):
    with pytest.raises(ValueError, match=message):
        named(name)


@pytest.mark.usefixtures("own")
def test_a_plain_flax_module_has_no_step_face():
    with pytest.raises(ValueError, match="Plain, no stjax.nn.Layer"):
        _ = named("own_networks:plain", frames=2).layer
