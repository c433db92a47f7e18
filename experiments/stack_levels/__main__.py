"""`python -m experiments.stack_levels -o docs/STACK.md`: the stack of generated code, per device and level."""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from experiments.stack_levels.run import DEVICES, LEVELS, RESERVED, Row, cases, kernel_needs, least_spare, measure
from verify.commands import cli
from verify.commands.files import write_file

TEXT = """\
# The stack

Made by `python -m experiments.stack_levels -o docs/STACK.md`, with {compiler}. Bytes.

Every plan reserves a number of bytes for the stack of the generated functions and of the kernels below them, and proves
its sum of SRAM with it. That code needs no more is assumed by the proof, since only a compiler knows. It is compared
where code is made:

- `make -C embedded build` and `run`, for their boards;
- `make stack CC=arm-none-eabi-gcc CFLAGS=...` in an exported folder, for the flags that you build with;
- `python3 stack.py` of that folder in a build of your own: compile with `-fstack-usage -fcallgraph-info=su`.

All three take frames and calls from the compiler, follow the deepest chain from any function of the interface, read the
C library's routines from machine code, and fail where the bound is larger than the reserve or where there is none.
Should your compiler need more, write the figure that it names as `stack_bytes` into the plan file and export again.

A board measures it, too: the programs of `--project cmake`, and the sketch SerialTest of `--project arduino` where it
is asked to, paint the stack and say how deep the network went (`stj_stack.h`). That is a lower estimate, of the calls
that were made.

The reserve is one number for {levels}. It is not for -O0, where frames are larger, and where calls
that optimisation resolves stay calls through pointers, which nothing bounds. With 32-bit pointers generated C refuses
to be compiled so, unless `STJ_STACK_UNCHECKED` is defined.

| level | closest to its reserve | share used | bytes to spare |
|---|---|---:|---:|
{closest}

Per network, on {devices}:

| network | plan | reserve | {level_heads} |
|---|---|---:|{level_rules}
{networks}

Per kernel, the most on any of these devices, without the few registers that the C library's routines save:

| function | {reserved_heads} |
|---|{reserved_rules}
{kernels}
"""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m experiments.stack_levels", description=__doc__)
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE.md")
    parser.add_argument("--models", type=Path, default=Path(os.environ.get("STJAX_MODELS", "../shared/models")))
    options = parser.parse_args(arguments)
    rows = []
    with tempfile.TemporaryDirectory() as work:
        for case in cases():
            rows.append(measure(case, options.models, Path(work)))
            print(f"{case.name}, {rows[-1].scheme}: {rows[-1].needs}", file=sys.stderr)
    write_file(options.output, text(rows, kernel_needs()))
    return 1 if any(exceeds(row) for row in rows) else 0


def exceeds(row: Row) -> bool:
    """Whether the reserve is too small at a level that it is for."""
    spares = [row.spare(device, level) for device in DEVICES for level in RESERVED]
    return any(spare is None or spare < 0 for spare in spares)


def text(rows: Sequence[Row], kernels: dict[str, dict[str, int]]) -> str:
    closest = [(level, *least_spare(rows, level)) for level in RESERVED]
    return TEXT.format(
        compiler=compiler(),
        levels=f"{', '.join(RESERVED[:-1])} and {RESERVED[-1]}",
        closest="\n".join(f"| {level} | {where} | {share:.0%} | {spare} |" for level, spare, share, where in closest),
        devices=" / ".join(f"Cortex-{device}" for device in DEVICES),
        level_heads=" | ".join(LEVELS),
        level_rules="---:|" * len(LEVELS),
        networks="\n".join(network_line(row) for row in rows),
        reserved_heads=" | ".join(RESERVED),
        reserved_rules="---:|" * len(RESERVED),
        kernels="\n".join(
            f"| `{name}` | {' | '.join(str(needs[level]) for level in RESERVED)} |" for name, needs in kernels.items()
        ),
    )


def network_line(row: Row) -> str:
    def cell(level: str) -> str:
        needs = [row.needs[device, level] for device in DEVICES]
        return " / ".join(str(need) if isinstance(need, int) else "no bound" for need in needs)

    cells = " | ".join("no bound" if (text := cell(level)).startswith("no") else text for level in LEVELS)
    return f"| {row.name} | {row.scheme} | {row.reserve} | {cells} |"


def compiler() -> str:
    command = ["arm-none-eabi-gcc", "--version"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[0]


if __name__ == "__main__":
    sys.exit(cli.guarded(main))
