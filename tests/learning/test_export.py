"""A head as C: read back, every number and every statement; what it begins with; what a device has saved."""

import re
import subprocess
from dataclasses import replace

import numpy as np
import pytest

from export.c.emit import emit, program_of
from export.c.readback import differences
from export.sources import kernel_files
from tests.learning.small import planned
from verify.learning import HEADS
from verify.learning.head import saved_bytes
from verify.learning.saved import SavedError, slot_of, state_of
from verify.proof.check import ProvedPlan, check


def proved(head: str, **options: int) -> ProvedPlan:
    found = check(*planned(head, **options))[1]
    assert found is not None
    return found


@pytest.mark.parametrize("head", HEADS)
def test_every_number_in_the_text_counts(head):
    plan = proved(head, room=3 * (head == "dense"))
    files, program = emit(plan), program_of(plan)
    assert differences(files, plan, program) == []
    for name in ("stj_model_head.h", "stj_model_head.c"):
        code = re.sub(r"/\*.*?\*/", lambda found: " " * len(found[0]), files[name], flags=re.DOTALL)
        for number in [*re.finditer(r"(?<![\w.\"])\d+", code)][:40]:
            changed = files[name][: number.start()] + str(int(number[0]) + 1) + files[name][number.end() :]
            assert differences({**files, name: changed}, plan, program), (name, number[0], number.start())


def test_a_statement_too_many_and_one_too_few_are_found():
    plan = proved("dense")
    files, program = emit(plan), program_of(plan)
    more = ("return STJ_OK;", "head->counts[0]++;\n    return STJ_OK;")
    for old, new in (more, ("    memset(head, 0", "    if (0) memset(head, 0")):
        assert old in files["stj_model_head.c"]
        changed = {**files, "stj_model_head.c": files["stj_model_head.c"].replace(old, new)}
        assert differences(changed, plan, program)


@pytest.mark.parametrize(("head", "room"), [("means", 0), ("dense", 0), ("dense", 5)])
def test_it_compiles_without_a_warning_in_c_and_cpp(head, room, tmp_path):
    files = emit(proved(head, room=room))
    program = '#include "stj_model_head.h"\nint main(void) { return 0; }\n'
    for name, text in {**files, **kernel_files(files), "main.c": program, "main.cpp": program}.items():
        (tmp_path / name).write_text(text)
    flags = ["-Wall", "-Wextra", "-Wconversion", "-Werror", "-pedantic", "-fsyntax-only"]
    for command in (["cc", "-std=c99", "stj_model_head.c", "stj_saved.c", "main.c"], ["c++", "-std=c++11", "main.cpp"]):
        subprocess.run([*command, *flags], cwd=tmp_path, check=True)


def test_a_dense_head_begins_as_the_layer_that_was_taken_off():
    plan = proved("dense")
    readout, learning = plan.graph.readout, plan.plan.learning
    first = HEADS["dense"].first(learning, readout)
    shadow = first["shadow"].reshape(learning.classes, -1)
    step = np.abs(readout.weights).max() / 127
    assert np.abs(shadow[:3] / 2**16 * step - readout.weights).max() < step * 2**-16
    assert not shadow[3].any() and first["counts"].tolist() == [255, 255, 255, 0]


def test_what_was_saved_is_read_and_what_was_not_is_refused():
    plan = proved("means", room=0, passes=1)
    learning, sha = plan.plan.learning, plan.graph.sha256
    size = saved_bytes(HEADS["means"], learning)
    state = bytes(size)
    slot = slot_of(learning, sha, state, 7)
    other = replace(learning, classes=5)
    assert state_of(learning, sha, slot + b"\xff" * 99) == state and len(slot) % 32 == 0
    for broken, text in (
        (slot[:-1] + b"\x01", "CRC-32"),
        (b"X" + slot[1:], "begin"),
        (slot[:12], "no saved state"),
        (slot_of(other, sha, bytes(saved_bytes(HEADS["means"], other))), "another"),
        (slot_of(learning, "0" * 64, state), "another model"),
        (slot_of(learning, sha, b"\x01" * size), "ranges"),
    ):
        with pytest.raises(SavedError, match=text):
            state_of(learning, sha, broken)
    with pytest.raises(SavedError, match=f"has {size} bytes, not 3"):
        slot_of(learning, sha, b"abc")


def test_a_head_begins_with_what_was_learned():
    plan = proved("means", room=0, passes=1)
    learning = plan.plan.learning
    sums, counts = np.arange(20, dtype="<i2"), np.full(4, 3, np.uint8)
    learned = (sums.tobytes() + counts.tobytes()).ljust(saved_bytes(HEADS["means"], learning), b"\0")
    files = emit(plan, learned=learned)
    assert "first_sums[20]" in files["stj_model_head.c"]
    assert differences(files, plan, program_of(plan), learned=learned) == []
    assert differences(files, plan, program_of(plan))
