"""Mutants of plan files: they are drawn from a seed alone, and the judge tells right firmware from wrong."""

from pathlib import Path

import numpy as np
import pytest

from experiments.mutation.files import Mutants
from experiments.mutation.firmware import Firmware, Samples, compile_kernels
from experiments.mutation.plan_files import CHANGES, NowhereError, changed, packed, text_of, written_out
from experiments.mutation.subjects import Subject, plans_of, rows, whole
from export.c.emit import emit
from verify.graph.plan_json import plan_from_json
from verify.plan.request import Request
from verify.plan.search import make_plan
from verify.proof.check import check


@pytest.fixture(scope="module")
def kernels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kernels")
    compile_kernels(folder)
    return folder


@pytest.mark.parametrize("kind", CHANGES)
def test_each_kind_of_change_finds_a_place_and_depends_on_the_seed_alone(kind: str) -> None:
    document = written_out(make_plan(rows(), Request("stream")))
    texts = set()
    for seed in range(8):
        try:
            again = [text_of(changed(document, [kind], np.random.default_rng(seed))) for _ in range(2)]
        except NowhereError:
            continue
        assert again[0] == again[1] != text_of(document)
        texts.add(again[0])
    assert len(texts) > 1


def test_what_is_written_out_is_the_plan_and_packing_keeps_it_legal() -> None:
    graph = rows()
    plan = make_plan(graph, Request("stream"))
    document = written_out(plan)
    assert plan_from_json(text_of(document)) == plan
    loose = plan_from_json(text_of(packed(graph, document, np.random.default_rng(0))))
    assert check(graph, loose)[1] is not None and loose.arena_bytes > plan.arena_bytes


def test_firmware_is_judged_by_its_bits_and_by_the_sanitizers(kernels: Path) -> None:
    graph = rows()
    _, proved = check(graph, make_plan(graph, Request("layer")))
    assert proved is not None
    files, samples, firmware = emit(proved), whole(graph), Firmware(kernels)
    assert firmware.judge(files, samples) == firmware.judge(files, samples) == "right"
    assert firmware.compiled == 1
    smaller = files["stj_model.h"].replace(f"_ARENA_BYTES {proved.plan.arena_bytes}", "_ARENA_BYTES 256")
    assert "heap-buffer-overflow" in firmware.judge(files | {"stj_model.h": smaller}, samples)
    inverted = [[bytes(255 - value for value in part) for part in outputs] for outputs in samples.outputs if outputs]
    assert Firmware(kernels).judge(files, Samples(samples.inputs, [*inverted])).startswith("128 of 128 bytes")


def test_no_mutant_of_a_small_model_is_proved_and_wrong(kernels: Path) -> None:
    graph = rows()
    subject = Subject("rows", graph, plans_of(graph), whole(graph))
    chunk = Mutants(subject, Firmware(kernels)).chunk(0, 60)
    assert chunk.mutants == 60 and not chunk.findings
    outcomes = [outcome for counts in chunk.counts.values() for outcome in counts]
    assert {"refuted", "right", "not read"} <= set(outcomes)
