"""Executed instructions per pixel of making camera lines into rows, on an emulated Cortex-M7, beside their prices.

    python benchmarks/bench_camera_lines.py

Prices: verify/targets/line_feed.py, the most of each format; a price below a count is marked, and the exit status is 1.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from embedded.tools.firmware import build_plugin
from export.projects.kinds.cmake import BOARDS
from verify.targets.line_feed import PIXEL

EMBEDDED = Path(__file__).parent.parent / "embedded"
FORMATS = {"STJ_GREY8": "grey8", "STJ_RGB565_BE": "rgb565", "STJ_RGB565_LE": "rgb565", "STJ_YUYV": "yuyv"}
FORMATS |= dict.fromkeys(("STJ_BAYER_RGGB", "STJ_BAYER_GRBG", "STJ_BAYER_GBRG", "STJ_BAYER_BGGR"), "bayer")
COLUMNS = 64
CASES = [(name, channels, step) for name in FORMATS for channels in (1, 3) for step in (1, 2)]
PROGRAM = """\
#include "stj_camera.h"

static uint8_t table[256], kept[512], raw[512], row[%(columns)d * 3];
__attribute__((noinline)) void count_from(void) { __asm__ volatile("nop"); }
__attribute__((noinline)) void count_to(void) { __asm__ volatile("nop"); }

static void run(stj_pixel_format format, int32_t channels, int32_t step) {
    const stj_camera camera = {format, 160, 120, 2, 2, step, %(columns)d, 40, channels, {table, table, table}, kept};
    for (int32_t line = 0; line < 2 + step; line++) {
        stj_camera_line(&camera, line, raw, row);
    }
    count_from();
    stj_camera_line(&camera, 2 + step, raw, row);
    count_to();
}

int main(void) {
    for (int k = 0; k < 512; k++) {
        raw[k] = (uint8_t)(k * 7);
    }
%(runs)s
    return 0;
}
"""


def counts() -> list[int]:
    runs = "\n".join(f"    run({name}, {channels}, {step});" for name, channels, step in CASES)
    board, common = BOARDS / "cortex-m7", BOARDS / "common"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "main.c").write_text(PROGRAM % {"columns": COLUMNS, "runs": runs})
        flags = (board / "flags").read_text().split()
        sources = [folder / "main.c", EMBEDDED / "feed/stj_camera.c", common / "arm-none-eabi-start.c"]
        places = [f"-I{EMBEDDED / part}" for part in ("feed", "include")]
        link = ["-nostartfiles", f"-L{common}", f"-T{board / 'memory.ld'}", "-lc", "-lgcc", "-o", f"{folder}/elf"]
        subprocess.run(["arm-none-eabi-gcc", "-O2", *flags, *places, *map(str, sources), *link], check=True)
        table = subprocess.run(["arm-none-eabi-nm", f"{folder}/elf"], check=True, capture_output=True, text=True).stdout
        at = {mark: re.findall(rf"(\w+) T {mark}", table)[0] for mark in ("count_from", "count_to")}
        plugin = f"{build_plugin()},begin=0x{at['count_from']},end=0x{at['count_to']},out={folder}/counts"
        emulator = (board / "qemu").read_text().split()
        subprocess.run([*emulator[:-1], "-plugin", plugin, "-kernel", f"{folder}/elf"], check=True)
        return [int(count) for count in re.findall(r"^count (\d+)$", (folder / "counts").read_text(), re.MULTILINE)]


def main() -> int:
    status = 0
    for (name, channels, step), count in zip(CASES, counts(), strict=True):
        each, price = count / COLUMNS, PIXEL[FORMATS[name]]
        status |= each > price
        note = "  MORE THAN ITS PRICE" if each > price else ""
        print(f"{name:<15} {channels} channel(s), step {step}: {each:6.1f} per pixel, priced at {price}{note}")
    return status


if __name__ == "__main__":
    sys.exit(main())
