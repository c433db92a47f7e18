"""Generated C that a person has read and that is kept as text: `python -m tests.export.golden` writes it anew.

Two small models: an image network by rows and columns, and a clip's program of one frame with everything that it can
have (another prefix, partly changed frames).
"""

from pathlib import Path

from export.c.emit import emit
from tests.clip.test_per_frame import streamtinynet
from tests.random_models import Net
from verify.clip import per_frame
from verify.graph.graph import Graph
from verify.plan.request import Request
from verify.plan.search import make_plan
from verify.proof.check import check

FOLDER = Path(__file__).parent / "golden"


def image() -> Graph:
    """An inverted residual block with a shortcut, then a classifier."""
    net = Net(1)
    x = net.conv(net.input(1, 9, 7, 2), 4, (3, 3), (1, 1), (1, 1))
    y = net.depthwise(net.conv(x, 12, (1, 1), (1, 1), (1, 1)), (3, 3), (1, 1), (1, 1))
    net.dense(net.mean(net.add(net.conv(y, 4, (1, 1), (1, 1), (1, 1)), x)), 3)
    return net.graph()


def files() -> dict[str, str]:
    """Name -> text of all that is kept."""
    found: dict[str, str] = {}
    for graph, scheme, prefix, reuse in (
        (image(), "auto", "block", False),
        (per_frame(streamtinynet()), "stream", "gesture", True),
    ):
        _, proved = check(graph, make_plan(graph, Request(scheme)))
        assert proved is not None
        found |= emit(proved, reuse_rows=reuse, prefix=prefix)
    return found


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in files().items():
        (FOLDER / name).write_text(text)
