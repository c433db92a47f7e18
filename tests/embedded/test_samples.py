"""Samples as files and as raw bytes."""

import numpy as np
import pytest

from embedded.tools.board import FirmwareError
from embedded.tools.samples import pack, random_inputs, read_inputs, unpack, write_outputs
from embedded.tools.signature import TensorSpec, signature_of_header

SPECS = (TensorSpec((1, 4, 3), np.dtype(np.int8)), TensorSpec((2,), np.dtype(np.float32)))


def good(samples: int = 5) -> dict[str, np.ndarray]:
    return {f"in{k}": array for k, array in enumerate(random_inputs(SPECS, samples, seed=1))}


def test_pack_and_unpack_are_inverse():
    inputs = random_inputs(SPECS, 3, seed=4)
    data = pack(inputs)
    # Sample by sample, all inputs of one sample together.
    assert data[20:32] == inputs[0][1].tobytes()
    assert data[32:40] == inputs[1][1].tobytes()
    assert all(np.array_equal(a, b) for a, b in zip(unpack(data, SPECS, 3), inputs, strict=True))
    with pytest.raises(FirmwareError, match="60 bytes of output, expected 4 samples of 20"):
        unpack(data, SPECS, 4)


def test_random_inputs_repeat_and_cover_the_range():
    spec = (TensorSpec((1000,), np.dtype(np.int8)),)
    first, again, other = (random_inputs(spec, 2, seed)[0] for seed in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert (first.min(), first.max()) == (-128, 127)


def test_files_are_read_and_written(tmp_path):
    np.savez(tmp_path / "in.npz", **good())  # pyright: ignore[reportArgumentType]
    inputs = read_inputs(tmp_path / "in.npz", SPECS)
    assert all(np.array_equal(a, b) for a, b in zip(inputs, good().values(), strict=True))
    write_outputs(tmp_path / "out.npz", inputs)
    with np.load(tmp_path / "out.npz") as archive:
        assert np.array_equal(archive["out1"], inputs[1])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.npz", "out.npz"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"in1": None}, r"must hold exactly in0, in1; it holds in0$"),
        ({"x": np.zeros(1)}, r"must hold exactly in0, in1; it holds in0, in1, x"),
        ({"in0": good()["in0"].astype(np.uint8)}, r"in0 has type uint8, but the model's input 0 has type int8"),
        ({"in0": good()["in0"][0]}, r"one sample: it needs a leading samples axis, \[samples, 1, 4, 3\]"),
        ({"in0": good()["in0"][:, 0]}, r"in0 has shape \[5, 4, 3\], but \[samples, 1, 4, 3\] is needed"),
        ({"in0": good()["in0"][:4]}, r"same number of samples, at least 1; found \[4, 5\]"),
        ({"in0": good()["in0"][:0], "in1": good()["in1"][:0]}, r"at least 1; found \[0\]"),
    ],
)
def test_wrong_files(change, message, tmp_path):
    arrays = {name: array for name, array in (good() | change).items() if array is not None}
    np.savez(tmp_path / "in.npz", **arrays)  # pyright: ignore[reportArgumentType]
    with pytest.raises(FirmwareError, match=message):
        read_inputs(tmp_path / "in.npz", SPECS)


def test_files_that_are_no_archives(tmp_path):
    for name, data in {"text.npz": b"in0, in1\n", "empty.npz": b"", "cut.npz": b"PK\3\4 and no more"}.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(FirmwareError, match=r"is not an \.npz archive of plain arrays"):
            read_inputs(tmp_path / name, SPECS)
    np.savez(tmp_path / "objects.npz", in0=np.array([{}]), in1=np.array([{}]))
    with pytest.raises(FirmwareError, match="archive of plain arrays"):
        read_inputs(tmp_path / "objects.npz", SPECS)


def test_an_array_alone_is_no_archive(tmp_path):
    with (tmp_path / "one.npz").open("wb") as file:
        np.save(file, np.zeros(3))
    with pytest.raises(FirmwareError, match=r"is not an \.npz archive"):
        read_inputs(tmp_path / "one.npz", SPECS)


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "out.npz"
    write_outputs(path, [np.arange(3)])
    before = path.read_bytes()
    monkeypatch.setattr(np, "savez", lambda *_, **__: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        write_outputs(path, [np.arange(4)])
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_headers_without_shapes_give_vectors_of_int8():
    signature = signature_of_header(
        "#define STJ_MODEL_INPUTS 1\n#define STJ_MODEL_OUTPUTS (1u)\n"
        "#define STJ_MODEL_INPUT_0_BYTES 12\n#define STJ_MODEL_OUTPUT_0_BYTES 8\n"
        '#define STJ_MODEL_OUTPUT_0_DTYPE "float32"\n'
    )
    assert signature.inputs == (TensorSpec((12,), np.dtype(np.int8)),)
    assert signature.outputs == (TensorSpec((2,), np.dtype(np.float32)),)
