"""Label tables for flips and reversal."""

import pytest

pytest.importorskip("jaxtyping")
from stjax.data.symmetry import Symmetry

pytestmark = pytest.mark.train

NAMES = ("left", "right", "still", "thumb up")


def test_pairs_swap_and_others_stay():
    tables = Symmetry.of(NAMES, horizontal_flip=[("right", "left")], vertical_flip=[("thumb up", None)])
    assert tables.horizontal_flip == (1, 0, 2, 3)
    assert tables.vertical_flip == (0, 1, 2, None)
    assert tables.reversal == (0, 1, 2, 3)


def test_ordered_classes_are_those_that_reversal_renames():
    assert Symmetry.of(NAMES, reversal=[("left", "right"), ("thumb up", None)]).ordered == (0, 1)


@pytest.mark.parametrize(
    ("tables", "text"),
    [
        (((0, 1), (0, 1), (0,)), "reversal has 1 labels"),
        (((0, 1), (0, 2), (0, 1)), "vertical_flip maps label 1 to 2; there are 2 labels"),
        (((1, 1), (0, 1), (0, 1)), "maps label 0 to 1 but 1 to 1: the same change twice must give the label back"),
    ],
)
def test_impossible_tables_are_refused(tables, text):
    with pytest.raises(ValueError, match=text):
        Symmetry(*tables)


def test_a_class_that_does_not_exist_is_named():
    with pytest.raises(ValueError, match='there is no class "top"; the classes are left, right'):
        Symmetry.of(NAMES, horizontal_flip=[("left", "top")])


def test_a_class_has_one_partner():
    with pytest.raises(ValueError, match='class "left" has two partners'):
        Symmetry.of(NAMES, reversal=[("left", "right"), ("left", "still")])
