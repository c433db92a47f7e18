"""Who may import whom, and that every operator has all its parts. Read from the source, nothing is run for it.

graph <- ops <- {targets, channels} <- {plan, proof, report}, ops <- tflite
verify <- export       proof does not know plan
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.ops_table import named_kernels
from verify.ops.registry import operators, wide_operators
from verify.targets.registry import targets

ROOT = Path(__file__).parent.parent
HEAVY = {"flax", "jax", "jaxlib", "optax", "tensorflow"}

# Package -> what of this project it may import. Commands (verify/commands, `__main__.py`) put parts together.
ALLOWED = {
    "verify/graph": {"verify.graph"},
    "verify/ops": {"verify.graph", "verify.ops"},
    "verify/learning": {"verify.graph", "verify.learning"},
    "verify/channels": {"verify.graph", "verify.ops", "verify.channels"},
    "verify/targets": {"verify.graph", "verify.ops", "verify.targets"},
    "verify/program": {"verify.graph", "verify.ops", "verify.program", "verify.targets"},
    "verify/identities": {f"verify.{room}" for room in ("graph", "ops", "targets", "program", "identities")},
    "verify/tflite": {"verify.graph", "verify.ops", "verify.tflite"},
    "verify/plan": {f"verify.{room}" for room in ("channels", "graph", "ops", "plan", "solvers", "targets")},
    "verify/proof": {
        f"verify.{room}"
        for room in ("channels", "graph", "ops", "identities", "learning", "program", "proof", "solvers", "targets")
    },
    "verify/solvers": {"verify.solvers"},
    "verify/tflm": {f"verify.{room}" for room in ("graph", "ops", "tflite", "plan", "proof", "solvers", "tflm")},
    "verify/report": {"verify.graph", "verify.ops", "verify.proof", "verify.report", "verify.targets"},
    "verify": {"verify"},
    "export": {"verify", "export"},
    "stjax": {"stjax"},
    "stjax/assess": {"stjax", "export", "verify", "embedded"},
}
# Commands in folders of their own, which may put parts together; nothing else of their package may import them.
COMMANDS = {"stjax/assess": "stjax.assess"}
OURS = {"verify", "export", "stjax", "embedded", "experiments", "tests", "tools", "benchmarks"}


def modules(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def imports(source: str, package: str = "") -> Iterator[str]:
    """Dotted names that a module imports anywhere in it, except for the type checker only.

    `from a import b` counts as "a.b", since b may be a module.
    """
    skipped = set()
    for node in ast.walk(ast.parse(source)):
        if node in skipped:
            continue
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            skipped.update(child for statement in node.body for child in ast.walk(statement))
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: -node.level + 1 or None] if node.level else []
            yield from (".".join([*parents, *filter(None, [node.module]), alias.name]) for alias in node.names)


def imports_of(path: Path) -> list[str]:
    return list(imports(path.read_text(), ".".join(path.relative_to(ROOT).parts[:-1])))


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def offences(package: str, allowed: set[str]) -> list[str]:
    """Imports of this project by modules of `package` that are not in `allowed`, as "file imports name"."""
    return [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules(package)
        if path.name != "__main__.py" and not (package not in COMMANDS and of_command(path))
        for name in imports_of(path)
        if name.split(".")[0] in OURS and not any(within(name, package) for package in allowed)
    ]


def of_command(path: Path) -> bool:
    return any(ROOT / folder in path.parents for folder in COMMANDS)


@pytest.mark.parametrize("package", ALLOWED)
def test_imports_point_one_way(package):
    assert offences(package, ALLOWED[package]) == []


@pytest.mark.parametrize("command", COMMANDS)
def test_nothing_of_its_package_imports_a_command(command):
    package = command.split("/")[0]
    assert [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules(package)
        if not of_command(path)
        for name in imports_of(path)
        if within(name, COMMANDS[command])
    ] == []


def module_file(name: str) -> Path | None:
    """The file of a dotted name, or of the module that it is a name in."""
    for parts in (name.split("."), name.split(".")[:-1]):
        for path in (ROOT.joinpath(*parts).with_suffix(".py"), ROOT.joinpath(*parts, "__init__.py")):
            if parts and path.is_file():
                return path
    return None


def loaded_by(*starts: Path) -> set[str]:
    """Files of this project that these import, and those that these import, and so on; themselves included."""
    found, todo = set(), list(starts)
    while todo:
        path = todo.pop()
        if path not in found:
            found.add(path)
            files = [module_file(name) for name in imports_of(path) if name.split(".")[0] in OURS]
            packages = [parent / "__init__.py" for parent in path.parents if ROOT in parent.parents]
            todo += [file for file in (*files, *packages) if file is not None and file.is_file()]
    return {path.relative_to(ROOT).as_posix() for path in found}


CHECKS = [*modules("verify/proof"), ROOT / "verify/tflm/proof.py", ROOT / "verify/check.py", ROOT / "verify/recheck.py"]
PLANS = ("verify/plan/", "verify/tflm/plan.py")


def test_what_checks_a_plan_never_loads_what_makes_one():
    """Neither directly nor through others, whatever the checking commands share with the planning ones."""
    assert [path for path in loaded_by(*CHECKS) if path.startswith(PLANS)] == []


def test_the_planner_is_found_where_it_is_loaded():
    assert "verify/plan/search.py" in loaded_by(ROOT / "verify/plan/__main__.py")
    assert "verify/tflm/plan.py" in loaded_by(ROOT / "verify/tflm/__main__.py")


def test_planner_and_emitter_load_neither_jax_nor_tensorflow():
    assert [
        f"{path.relative_to(ROOT)} imports {name}"
        for package in ("verify", "export/c", "embedded/tools")
        for path in [*modules(package), ROOT / "export/__init__.py", *(ROOT / "export").glob("__main__.py")]
        for name in imports_of(path)
        if name.split(".")[0] in HEAVY or within(name, "export.tflite")
    ] == []


@pytest.mark.parametrize("solver", ["z3", "cvc5"])
def test_one_module_imports_the_solver(solver):
    assert {
        path.relative_to(ROOT).as_posix()
        for package in ("verify", "export")
        for path in modules(package)
        if any(within(name, solver) for name in imports_of(path))
    } == {f"verify/solvers/{solver}_solver.py"}


def test_rechecking_a_certificate_needs_nothing_but_the_solvers():
    """Standard library, verify.solvers and how commands end: not the model's reader, the planner or the prover."""
    command, solvers = (
        ROOT / "verify/commands/recheck.py",
        {str(p.relative_to(ROOT)) for p in modules("verify/solvers")},
    )
    packages = {"verify/__init__.py", "verify/commands/__init__.py"}
    loaded = loaded_by(ROOT / "verify/recheck.py") - solvers - packages
    assert loaded == {"verify/recheck.py", "verify/commands/recheck.py", "verify/commands/errors.py"}
    assert {name.split(".")[0] for name in imports_of(command)} <= set(sys.stdlib_module_names) | {"verify"}


@pytest.mark.parametrize("package", ["verify/graph", "verify/plan", "verify/proof"])
def test_no_operator_is_known_by_name(package):
    kinds = set(operators())
    assert [
        f"{path.relative_to(ROOT)}:{node.lineno} names {node.value}"
        for path in modules(package)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in kinds
    ] == []


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import a.b as c, d", ["a.b", "d"]),
        ("from a.b import c, d", ["a.b.c", "a.b.d"]),
        ("def f():\n    from a import b", ["a.b"]),
        ("from . import b", ["p.q.b"]),
        ("from .b import c", ["p.q.b.c"]),
        ("from ..b import c", ["p.b.c"]),
        ("if TYPE_CHECKING:\n    import a\nelse:\n    import b", ["b"]),
        ("if typing.TYPE_CHECKING:\n    from a import b", []),
    ],
)
def test_imports_are_found_in_every_form(source, expected):
    assert list(imports(source, "p.q")) == expected


OPERATOR_MODULES = sorted({kind.__module__.rsplit(".", 1)[-1] for kind in operators().values()})
# The reader folds these into constants and aliases: they never become a call.
GONE_AFTER_READING = {"fill", "reshape", "shape", "zeros_like"}


@pytest.mark.parametrize("module", OPERATOR_MODULES)
def test_every_operator_has_a_test(module):
    assert (ROOT / f"tests/ops/test_{module}.py").is_file(), f"verify/ops/{module}.py has no tests/ops/test_{module}.py"


@pytest.mark.parametrize("kind", sorted(operators()))
def test_every_operator_has_a_portable_kernel(kind):
    gone = operators()[kind].__module__.rsplit(".", 1)[-1] in GONE_AFTER_READING
    assert bool(named_kernels(operators()[kind])) != gone, f"{kind}: verify/targets/portable has none"


@pytest.mark.parametrize("kind", sorted(wide_operators()))
def test_every_operator_on_int16_has_a_portable_kernel_and_a_test(kind):
    operator = wide_operators()[kind]
    assert named_kernels(operator), f"{kind}: verify/targets/portable has none for int16"
    tests = "".join(path.read_text() for path in (ROOT / "tests/ops").glob("test_wide_*.py"))
    assert f'"{kind}"' in tests, f"no tests/ops/test_wide_*.py has {kind}"


def test_the_stack_of_every_kernel_is_known():
    kernels = [kernel for target in targets().values() for kernel in target.kernels]
    assert [kernel.name for kernel in kernels if not kernel.stack_bytes(tile=False)] == []


def test_kernels_and_their_sources_are_the_same():
    named = {kernel.name for target in targets().values() for kernel in target.kernels}
    assert {path.stem for path in (ROOT / "embedded/kernels").glob("stj_*.c")} == named
    assert [name for name in named if not (ROOT / "embedded/include" / f"{name}.h").is_file()] == []
