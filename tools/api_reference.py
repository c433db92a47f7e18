"""Writes the API reference as Markdown, one page per package:   python -m tools.api_reference -o docs/api

Everything in it is taken from the source, without importing it: the names in a package's `__all__`, their signatures
and docstrings.
"""

import argparse
import ast
import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = (
    "stjax.nn",
    "stjax.models",
    "stjax.models.mcunet",
    "stjax.cost",
    "stjax.data",
    "stjax.train",
    "stjax.quant",
    "stjax.learn",
    "stjax.learn.dense",
    "stjax.learn.means",
    "stjax.assess.run",
    "export.tflite",
    "export.c.emit",
    "export.projects",
    "export.projects.project",
    "export.projects.folder",
)
NOTE = "Made by `python -m tools.api_reference`; edit the docstrings, not this file.\n"

Definition = ast.ClassDef | ast.FunctionDef


@dataclass(frozen=True)
class Entry:
    """A class or function, and the module that defines it."""

    module: str
    node: Definition


def pages() -> dict[str, str]:
    """File name -> contents, an index among them."""
    found = {f"{package.removeprefix('stjax.')}.md": page(package) for package in PACKAGES}
    lines = [f"- [{package}]({package.removeprefix('stjax.')}.md): {_summary(package)}\n" for package in PACKAGES]
    return {"README.md": f"# API reference\n\n{NOTE}\n{''.join(lines)}", **found}


def page(package: str) -> str:
    """The page of one package or module."""
    tree = _parse(package)
    sections = [_section(entry) for entry in _public(package, tree)]
    return f"# {package}\n\n{NOTE}\n{markdown(ast.get_docstring(tree) or '')}\n" + "".join(sections)


def markdown(docstring: str) -> str:
    """A Google-style docstring as Markdown: sections in bold, their entries as lists."""
    lines, in_section = [], False
    for line in docstring.splitlines():
        heading = re.fullmatch(r"(Args|Attributes|Returns|Raises|Reference|References):\s*(.*)", line)
        entry = re.fullmatch(r"  (\*?\w[\w, ]*): (.*)", line)
        if heading:
            lines += [f"**{heading[1]}**" + (f": {heading[2]}" if heading[2] else "") + "\n"]
            in_section = not heading[2]
        elif in_section and entry:
            lines.append(f"- `{entry[1]}`: {entry[2]}")
        else:
            in_section = in_section and (not line or line.startswith(" "))
            lines.append(line.removeprefix("  ") if in_section else line)
    return "\n".join(lines).strip() + "\n"


def _section(entry: Entry) -> str:
    node = entry.node
    parts = [
        f"\n## {node.name}\n",
        f"\n```python\n{_signature(entry)}\n```\n",
        f"`{entry.module}`\n" if entry.module not in PACKAGES else "",
        f"\n{markdown(ast.get_docstring(node) or '')}",
    ]
    if isinstance(node, ast.ClassDef):
        parts += [_method(method) for method in node.body if isinstance(method, ast.FunctionDef)]
    return "".join(parts)


def _method(node: ast.FunctionDef) -> str:
    docstring = ast.get_docstring(node)
    if node.name.startswith("_") or docstring is None:
        return ""
    is_property = any(ast.unparse(decorator) == "property" for decorator in node.decorator_list)
    shown = node.name if is_property else _call(node, skip=1)
    return f"\n### {node.name}\n\n```python\n{shown}\n```\n\n{markdown(docstring)}"


def _signature(entry: Entry) -> str:
    node = entry.node
    if isinstance(node, ast.FunctionDef):
        return _call(node)
    fields = list(_fields(entry))
    positional = [text for text, keyword_only in fields if not keyword_only]
    keywords = [text for text, keyword_only in fields if keyword_only]
    return _wrapped(f"class {node.name}", [*positional, *(["*"] if keywords else []), *keywords])


def _call(node: ast.FunctionDef, skip: int = 0) -> str:
    arguments = node.args
    plain = arguments.args[skip:]
    defaults = [None] * (len(plain) - len(arguments.defaults)) + [*arguments.defaults]
    shown = [_argument(argument, default) for argument, default in zip(plain, defaults, strict=True)]
    shown += [f"*{arguments.vararg.arg}"] if arguments.vararg else ["*"] if arguments.kwonlyargs else []
    pairs = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    shown += [_argument(argument, default) for argument, default in pairs]
    result = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return _wrapped(node.name, shown) + result


def _argument(argument: ast.arg, default: ast.expr | None) -> str:
    kind = f": {ast.unparse(argument.annotation)}" if argument.annotation else ""
    return argument.arg + kind + ("" if default is None else f" = {ast.unparse(default)}")


def _wrapped(name: str, arguments: list[str]) -> str:
    """A call on one line if it fits, else with one argument per line."""
    line = f"{name}({', '.join(arguments)})"
    return line if len(line) <= 100 else f"{name}(\n    " + ",\n    ".join(arguments) + ",\n)"


def _fields(entry: Entry) -> Iterator[tuple[str, bool]]:
    """Constructor arguments of a dataclass or Flax module, those of its bases first, and whether by keyword only."""
    node, known = entry.node, _index(entry.module)
    assert isinstance(node, ast.ClassDef), "functions have none"
    for name in node.bases:
        base = known.get(ast.unparse(name))
        if base is not None and isinstance(base.node, ast.ClassDef):
            yield from _fields(base)
    keyword_only = any(keyword.arg == "kw_only" for keyword in node.keywords)
    for statement in node.body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            default = "" if statement.value is None else f" = {ast.unparse(statement.value)}"
            yield f"{statement.target.id}: {ast.unparse(statement.annotation)}{default}", keyword_only


def _public(package: str, tree: ast.Module) -> Iterator[Entry]:
    """Classes and functions of `__all__`, or those defined here where there is none."""
    known = _index(package)
    for name in _all(tree) or [node.name for node in tree.body if isinstance(node, Definition)]:
        if name in known and not name.startswith("_"):
            yield known[name]


def _all(tree: ast.Module) -> list[str]:
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "__all__":
            return ast.literal_eval(statement.value)
    return []


def _index(module: str) -> dict[str, Entry]:
    """What a name means in a module: two packages may have a class of one name, and one's own comes first."""
    return _definitions(_room(module))


def _room(module: str) -> str:
    """The folder below the top one in which a module lies: stjax.nn."""
    return ".".join(module.split(".")[:2])


@functools.cache
def _definitions(own: str) -> dict[str, Entry]:
    """Every class and function at the top of a module of the documented packages; those of `own` hide others."""
    found = {}
    for package in sorted({_room(name) for name in PACKAGES}, key=lambda name: (name == own, name)):
        for path in sorted(ROOT.joinpath(*package.split(".")).rglob("*.py")):
            found |= {entry.node.name: entry for entry in _entries(path)}
    return found


@functools.cache
def _entries(path: Path) -> tuple[Entry, ...]:
    module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    return tuple(Entry(module, node) for node in ast.parse(path.read_text()).body if isinstance(node, Definition))


def _summary(package: str) -> str:
    """First line of the docstring."""
    return (ast.get_docstring(_parse(package)) or "").splitlines()[0]


def _parse(package: str) -> ast.Module:
    base = ROOT / package.replace(".", "/")
    path = base / "__init__.py" if base.is_dir() else base.with_suffix(".py")
    return ast.parse(path.read_text())


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.api_reference", description=__doc__)
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FOLDER")
    output = parser.parse_args().output
    output.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (output / name).write_text(text)
    print(f"api reference: wrote {output}, {len(PACKAGES)} packages")


if __name__ == "__main__":
    main()
