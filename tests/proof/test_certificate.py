"""Certificates: written whole, checked again by the solvers alone, and reported when anything in them is changed."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from export.__main__ import run as export
from verify.commands import recheck
from verify.commands.check import run as check
from verify.commands.errors import InputError
from verify.commands.plan import run as plan

DEMO = Path(__file__).parents[1] / "data/demo_model.tflite"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a plan, its C, and a certificate of both."""
    folder = tmp_path_factory.mktemp("certificate")
    assert plan([str(DEMO), "-o", str(folder / "plan.json")]) == 0
    arguments = [str(DEMO), "--plan", str(folder / "plan.json"), "-o", str(folder / "c")]
    assert export([*arguments, "--certificate", str(folder / "cert")]) == 0
    return folder


@pytest.fixture
def copy(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made / "cert", tmp_path / "cert"))


def manifest_of(folder: Path) -> dict:
    return json.loads((folder / "manifest.json").read_text())


def obligations(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.smt2"))


def test_it_is_sound_and_names_model_plan_and_c(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    named = ["--model", str(DEMO), "--plan", str(made / "plan.json"), "--generated", str(made / "c")]
    assert recheck.run([str(made / "cert"), *named]) == recheck.SOUND
    printed = capsys.readouterr().out
    manifest = manifest_of(made / "cert")
    assert set(manifest["generated"]) == {path.name for path in (made / "c").glob("*.[ch]")} - {"main.c"}
    for claim, stated in manifest["claims"].items():
        count = stated["obligations"]
        assert f"{count} of {count}" in next(line for line in printed.splitlines() if line.startswith(claim))
    assert len(obligations(made / "cert")) == sum(stated["obligations"] for stated in manifest["claims"].values())


def test_the_second_solver_agrees(made: Path) -> None:
    pytest.importorskip("cvc5", reason="cvc5 is an extra")
    assert recheck.run([str(made / "cert"), "--solver", "both"]) == recheck.SOUND


def test_it_runs_without_the_rest_of_the_project(made: Path, tmp_path: Path) -> None:
    """The command's own two files, the version and verify/solvers alone, in another folder."""
    source = Path(recheck.__file__).parent.parent
    (tmp_path / "verify/commands").mkdir(parents=True)
    shutil.copytree(source / "solvers", tmp_path / "verify/solvers")
    for file in ("__init__.py", "recheck.py", "commands/recheck.py", "commands/errors.py"):
        shutil.copy(source / file, tmp_path / "verify" / file)
    command = [sys.executable, "-m", "verify.recheck", str(made / "cert")]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


def edit_text(folder: Path) -> None:
    path = obligations(folder)[0]
    path.write_text(path.read_text().replace("(check-sat)", "(assert true)\n(check-sat)"))


def remove_one(folder: Path) -> None:
    obligations(folder)[3].unlink()


def add_one(folder: Path) -> None:
    shutil.copy(obligations(folder)[0], folder / "99999-C1.smt2")


def drop_entry(folder: Path) -> None:
    """File and entry both gone; the claim's count remains."""
    manifest = manifest_of(folder)
    (folder / manifest["obligations"].pop(5)["file"]).unlink()
    (folder / "manifest.json").write_text(json.dumps(manifest))


def edit_plan(folder: Path) -> None:
    path = folder / "plan.json"
    path.write_text(path.read_text() + " ")


def manifest_with(change: Callable[[dict], object]) -> Callable[[Path], None]:
    def tamper(folder: Path) -> None:
        manifest = manifest_of(folder)
        change(manifest)
        (folder / "manifest.json").write_text(json.dumps(manifest))

    tamper.__name__ = "manifest"
    return tamper


def drop_claim(manifest: dict) -> None:
    """A claim and all that belongs to it."""
    del manifest["claims"]["C3"]
    manifest["obligations"] = [entry for entry in manifest["obligations"] if entry["claim"] != "C3"]


def link_obligation(folder: Path) -> None:
    """The same bytes, elsewhere, where they may change."""
    path = obligations(folder)[0]
    path.rename(folder.parent / "elsewhere")
    path.symlink_to("../elsewhere")


def link_plan(folder: Path) -> None:
    (folder / "plan.json").rename(folder.parent / "elsewhere")
    (folder / "plan.json").symlink_to("../elsewhere")


def pipe(folder: Path) -> None:
    path = obligations(folder)[0]
    path.unlink()
    os.mkfifo(path)


def no_text(folder: Path) -> None:
    path = obligations(folder)[0]
    path.write_bytes(b"\xff" + path.read_bytes())


TAMPERING = [edit_text, remove_one, add_one, drop_entry, edit_plan, link_obligation, link_plan, pipe, no_text]
TAMPERING += [
    manifest_with(lambda manifest: manifest["obligations"][0].update(file="a\0b")),
    manifest_with(lambda manifest: manifest["obligations"][0].update(file="../cert/00001-C1.smt2")),
    manifest_with(lambda manifest: manifest["obligations"][0].update(file="")),
    manifest_with(lambda manifest: manifest["obligations"][0].update(file="x" * 5000)),
    manifest_with(lambda manifest: manifest["obligations"][0].update(subject="\nall is well\n", sha256="0")),
    manifest_with(lambda manifest: manifest["obligations"][0].update(proof={"file": "a\0b", "sha256": "0"})),
    manifest_with(drop_claim),
]


@pytest.mark.parametrize("tamper", TAMPERING)
def test_tampering_is_reported(copy: Path, tamper: Callable[[Path], None], capsys: pytest.CaptureFixture[str]) -> None:
    tamper(copy)
    assert recheck.run([str(copy)]) == recheck.NOT_SOUND
    printed = capsys.readouterr().out
    assert "wrong: " in printed and "\0" not in printed and "\nall is well" not in printed


def rewrite(folder: Path, change: Callable[[str], str]) -> None:
    """Changes an obligation, and its hash in the manifest as well."""
    manifest = manifest_of(folder)
    entry = next(e for e in manifest["obligations"] if e["claim"] == "C3")
    path = folder / entry["file"]
    path.write_text(change(path.read_text()))
    entry["sha256"] = recheck.hashlib.sha256(path.read_bytes()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text[: text.index("(assert")] + "(assert true)\n(check-sat)\n", "answered sat"),
        (lambda text: text.replace("(check-sat)", "(push 1)(assert false)(check-sat)"), "command 'push'"),
        (lambda text: text + "(check-sat)\n", "only check-sat"),
        (lambda text: text.replace("; C3", "; C1"), "begin with its claim"),
        (lambda text: text.replace("(check-sat)", "(assert (= |a 1))\n(check-sat)"), "command ''"),
        (lambda text: "; C3: \n(set-logic ALL)\n(check-sat)\n", "asserts nothing"),
        (lambda text: text.replace("(assert ", "(assert (and ", 1), "command ''"),
    ],
)
def test_an_obligation_that_does_not_hold_is_reported(
    copy: Path, change: Callable[[str], str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    rewrite(copy, change)
    assert recheck.run([str(copy)]) == recheck.NOT_SOUND
    assert said in capsys.readouterr().out


@pytest.mark.parametrize("what", ["--model", "--plan"])
def test_another_model_or_plan_is_reported(
    made: Path, tmp_path: Path, what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"something else")
    assert recheck.run([str(made / "cert"), what, str(other)]) == recheck.NOT_SOUND
    assert "has been changed" in capsys.readouterr().out


def test_changed_c_is_reported(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    generated = Path(shutil.copytree(made / "c", tmp_path / "c"))
    path = generated / "stj_model.c"
    path.write_text(path.read_text().replace("arena + ", "arena + 8 + ", 1))
    assert recheck.run([str(made / "cert"), "--generated", str(generated)]) == recheck.NOT_SOUND
    assert "stj_model.c has been changed" in capsys.readouterr().out


@pytest.mark.parametrize(
    "text", [None, "", "[]", "{}", '{"certificate": 2}', '{"certificate": 1, "model": 3}', "[" * 10**5]
)
def test_what_is_no_certificate(
    tmp_path: Path, text: str | None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    if text is not None:
        (tmp_path / "manifest.json").write_text(text)
    monkeypatch.setattr(sys, "argv", ["recheck", str(tmp_path)])
    assert recheck.main() == recheck.BAD_INPUT
    assert "manifest.json" in capsys.readouterr().err


def test_a_manifest_elsewhere_is_none(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (copy / "manifest.json").rename(copy.parent / "elsewhere")
    (copy / "manifest.json").symlink_to("../elsewhere")
    with pytest.raises(recheck.CertificateError, match="is a link, not a file"):
        recheck.run([str(copy)])


@pytest.mark.parametrize("change", ["obligations", "proof", "generated"])
def test_manifests_of_another_shape(copy: Path, change: str) -> None:
    manifest = manifest_of(copy)
    if change == "obligations":
        manifest["claims"]["C1"] = {"obligations": "all"}
    elif change == "proof":
        manifest["obligations"][0]["proof"] = {"file": 3}
    else:
        manifest["generated"] = ["stj_model.c"]
    (copy / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(recheck.CertificateError, match="manifest.json"):
        recheck.run([str(copy)])


def test_nesting_that_solvers_fall_over_is_not_given_to_them(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    deep = 300_000
    rewrite(copy, lambda text: f"; C3: x\n(assert {'(not ' * deep}false{')' * deep})\n(check-sat)\n")
    assert recheck.run([str(copy), "--solver", "both"]) == recheck.NOT_SOUND
    assert "command ''" in capsys.readouterr().out


@pytest.mark.parametrize("seconds", ["nan", "inf", "-1", "0", "1e9", "x"])
def test_times_that_are_none(copy: Path, seconds: str) -> None:
    with pytest.raises(InputError, match="is not a number of seconds"):
        recheck.run([str(copy), "--timeout", seconds])


def test_an_older_certificate_is_replaced_whole_and_nothing_else_is(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [str(DEMO), str(made / "plan.json"), "--certificate"]
    target = tmp_path / "cert"
    target.mkdir()
    (target / "manifest.json").write_text("{}")
    (target / "stale.smt2").write_text("old")
    assert check([*arguments, str(target)]) == 0
    assert not (target / "stale.smt2").exists() and recheck.run([str(target)]) == recheck.SOUND
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/thesis.txt").write_text("precious")
    with pytest.raises(Exception, match="is no certificate"):
        check([*arguments, str(tmp_path / "mine")])
    assert (tmp_path / "mine/thesis.txt").read_text() == "precious"
    assert {path.name for path in tmp_path.iterdir()} == {"cert", "mine"}


def test_a_plan_that_is_not_proved_has_no_certificate(made: Path, tmp_path: Path) -> None:
    plan_text = json.loads((made / "plan.json").read_text())
    plan_text["stages"][0]["ticks"] -= 1
    (tmp_path / "plan.json").write_text(json.dumps(plan_text))
    assert check([str(DEMO), str(tmp_path / "plan.json"), "--certificate", str(tmp_path / "cert")]) == 3
    assert not (tmp_path / "cert").exists()


def test_proofs_are_stored_and_hashed(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("cvc5", reason="cvc5 is an extra")
    target = tmp_path / "cert"
    assert check([str(DEMO), str(made / "plan.json"), "--certificate", str(target), "--proofs"]) == 0
    proofs = sorted(target.glob("*.alethe"))
    assert len(proofs) == len(obligations(target)) and all("(cl)" in path.read_text() for path in proofs)
    proofs[0].write_text("(nothing)")
    assert recheck.run([str(target)]) == recheck.NOT_SOUND
    assert proofs[0].name in capsys.readouterr().out
