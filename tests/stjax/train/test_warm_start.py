"""Variables in files, and what of them another network takes."""

import pytest

pytest.importorskip("flax")
pytest.importorskip("orbax.checkpoint")
import jax
import numpy as np

from stjax.train import OptimizerConfig, TrainError, load_variables, save_variables, train_and_evaluate, warm_start
from tests.stjax.train.small_model import SmallNet, config, flat, splits

pytestmark = pytest.mark.train

OLD = {"params": {"a": {"kernel": np.ones((2, 3), np.float32)}, "b": np.arange(3.0)}, "stats": {"n": np.array(4)}}


def test_files_hold_arrays_by_name(tmp_path):
    save_variables(tmp_path / "old.npz", OLD)
    found = load_variables(tmp_path / "old.npz")
    assert set(found) == {"params/a/kernel", "params/b", "stats/n"}
    np.testing.assert_array_equal(found["params/a/kernel"], OLD["params"]["a"]["kernel"])
    assert list(tmp_path.iterdir()) == [tmp_path / "old.npz"]


def test_what_fits_is_taken_and_the_rest_is_reported():
    own = {
        "params": {"a": {"kernel": np.zeros((2, 3), np.float16)}, "b": np.zeros(4), "c": np.full(2, 7.0)},
        "stats": {"n": np.array(0.5)},
    }
    given = {"params/a/kernel": np.ones((2, 3)), "params/b": np.arange(3.0), "stats/n": np.array(4), "old": np.zeros(1)}
    found = warm_start(own, given)
    assert (found.taken, found.fresh, found.unused) == (("params/a/kernel",), ("params/c",), ("old",))
    assert found.other == (
        "params/b: (3,) in the file, (4,) in the network",
        "stats/n: () in the file, () in the network",
    )
    assert found.variables["params"]["a"]["kernel"].dtype == np.float16
    np.testing.assert_array_equal(found.variables["params"]["a"]["kernel"], np.ones((2, 3)))
    np.testing.assert_array_equal(found.variables["params"]["c"], own["params"]["c"])
    for line in ("taken: 1\n  params/a/kernel", "not in the file: 1\n  params/c", "not in the network: 1\n  old"):
        assert line in found.report()


def test_a_run_begins_with_what_the_file_has(tmp_path, capsys):
    """A network with a head for other classes keeps its own head."""
    data, first = splits(), SmallNet().init(jax.random.key(9), np.zeros((4, 8, 8, 1), np.float32))
    save_variables(tmp_path / "a.npz", {"params": first["params"] | {"Dense_0": {"kernel": np.zeros((3, 2))}}})
    run = config(epochs=1, optimizer=OptimizerConfig(learning_rate=0.0))
    found = train_and_evaluate(run, tmp_path / "b", data=data, initial=tmp_path / "a.npz")
    assert found.started is not None
    assert found.started.taken == ("params/Conv_0/bias", "params/Conv_0/kernel")
    assert "not in the file: 1\n  params/Dense_0/bias" in capsys.readouterr().err
    names = flat(found.variables)
    for name, values in flat(first).items():
        assert np.array_equal(names[name], values) == ("Conv_0" in name or "bias" in name and not values.any())
    with pytest.raises(TrainError, match=r"(?s)holds another run; .*\n  \+ initial = "):
        train_and_evaluate(run, tmp_path / "b", data=data, initial=first, show=False)


def test_files_that_do_not_fit_are_refused(tmp_path):
    save_variables(tmp_path / "old.npz", OLD)
    with pytest.raises(
        TrainError, match="nothing of the file fits the network: it has params/a/kernel, params/b, stat"
    ):
        train_and_evaluate(config(SmallNet()), tmp_path / "x", data=splits(), initial=tmp_path / "old.npz", show=False)
    (tmp_path / "no.npz").write_text("no")
    for name in ("no.npz", "none.npz"):
        with pytest.raises(ValueError, match=rf"{name} holds no variables \(`save_variables` writes them\)"):
            load_variables(tmp_path / name)
