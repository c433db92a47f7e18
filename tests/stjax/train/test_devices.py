"""One device, four devices, two hosts with two devices each: the same loss curve."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("flax")
pytest.importorskip("orbax.checkpoint")
import numpy as np

from stjax.train import devices
from stjax.train.devices import all_devices, check_batch_size

pytestmark = pytest.mark.train

ROOT = Path(__file__).resolve().parents[3]


def start(workdir: Path, count: int, **variables: str) -> subprocess.Popen:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("STJAX_PROCESS")}
    environment |= {
        "PYTHONPATH": str(ROOT),
        "JAX_PLATFORMS": "cpu",
        "XLA_FLAGS": f"--xla_force_host_platform_device_count={count}",
    }
    command = [sys.executable, "-m", "tests.stjax.train.run_small", str(workdir)]
    return subprocess.Popen(command, cwd=ROOT, env=environment | variables, stderr=subprocess.PIPE)


def free_port() -> int:
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        return chosen.getsockname()[1]


def name_resolves() -> bool:
    """Whether this machine finds an address under its own name, which JAX's hosts without GPUs need of each other."""
    try:
        return bool(socket.getaddrinfo(socket.gethostname(), None))
    except OSError:
        return False


several_hosts = pytest.mark.skipif(not name_resolves(), reason="this machine's name has no address (see /etc/hosts)")


@pytest.fixture(scope="module")
def runs(tmp_path_factory) -> dict[str, tuple[dict, dict]]:
    """Summary and final parameters by name, all trained at the same time."""
    folder = tmp_path_factory.mktemp("devices")
    processes = [start(folder / "one", 1), start(folder / "four", 4)]
    if name_resolves():
        hosts = {"STJAX_COORDINATOR": f"127.0.0.1:{free_port()}", "STJAX_PROCESSES": "2"}
        processes += [start(folder / "hosts", 2, **hosts, STJAX_PROCESS=str(index)) for index in range(2)]
    try:
        for process in processes:
            _, errors = process.communicate(timeout=300)
            assert process.returncode == 0, errors.decode()
    finally:
        for process in processes:
            process.kill()
    return {
        name: (json.loads((folder / name / "summary.json").read_text()), dict(np.load(folder / name / "result.npz")))
        for name in ("one", "four", "hosts")
        if (folder / name).exists()
    }


def curve(summary: dict) -> list[float]:
    return [value for epoch in summary["history"] for value in (epoch["train_loss"], epoch["validation"]["loss"])]


@pytest.mark.parametrize(
    ("name", "count", "hosts"), [("one", 1, 1), ("four", 4, 1), pytest.param("hosts", 4, 2, marks=several_hosts)]
)
def test_the_runs_used_what_they_were_given(runs, name, count, hosts):
    summary, _ = runs[name]
    assert (summary["devices"], summary["hosts"]) == (count, hosts)


@pytest.mark.parametrize("name", ["four", pytest.param("hosts", marks=several_hosts)])
def test_loss_curve_and_parameters_are_those_of_one_device(runs, name):
    """To 1e-5: float32 sums over the batch are added up in another order, and 15 steps pass that on."""
    (one, one_parameters), (several, parameters) = runs["one"], runs[name]
    assert len(curve(one)) == 6 and len(set(curve(one))) == 6
    np.testing.assert_allclose(curve(several), curve(one), rtol=1e-5)
    for array, values in one_parameters.items():
        np.testing.assert_allclose(parameters[array], values, atol=1e-5)


def test_a_batch_that_devices_cannot_share_is_refused():
    class FourDevices:
        size = 4

    with pytest.raises(ValueError, match=r"`batch_size` \(=6\) must be divisible by the number of devices \(=4\)"):
        check_batch_size(6, FourDevices())  # pyright: ignore[reportArgumentType]
    check_batch_size(5 * all_devices().size, all_devices())


def test_incomplete_variables_are_named(monkeypatch):
    monkeypatch.setenv("STJAX_COORDINATOR", "host:1")
    monkeypatch.setenv("STJAX_PROCESSES", "two")
    monkeypatch.setenv("STJAX_PROCESS", "0")
    with pytest.raises(ValueError, match="STJAX_COORDINATOR is host:1, so STJAX_PROCESSES and STJAX_PROCESS must be"):
        devices.join_other_hosts()
