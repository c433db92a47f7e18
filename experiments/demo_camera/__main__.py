"""`python -m experiments.demo_camera`: a camera's lines, interrupt by interrupt, into a proved network under QEMU."""

import argparse
import sys
import tempfile
from pathlib import Path

from embedded.tools.camera import FORMATS
from experiments.demo_camera import report, run
from verify.commands import cli
from verify.commands.camera import hertz

DEFAULT = run.Config()


def main() -> int:
    parser = argparse.ArgumentParser("python -m experiments.demo_camera", description=__doc__)
    parser.add_argument("--hertz", type=int, default=DEFAULT.hertz, help="frames per second (default: %(default)s)")
    parser.add_argument("--clock", type=hertz, default=DEFAULT.clock, metavar="40M", help="of the processor")
    parser.add_argument("--scenes", type=int, default=DEFAULT.scenes, metavar="N", help="movements one after the other")
    parser.add_argument("--format", choices=FORMATS[:4], default=DEFAULT.pixel_format, help="of the camera's pixels")
    parser.add_argument("-o", "--output", type=Path, metavar="DIR", help="write demo.gif and demo.html here")
    options = parser.parse_args()
    config = run.Config(scenes=options.scenes, hertz=options.hertz, clock=options.clock, pixel_format=options.format)
    with tempfile.TemporaryDirectory(prefix="stjax-demo-camera-") as folder:
        say("planning for the camera, proving, exporting, compiling")
        try:
            prepared = run.prepare(config, Path(folder))
        except RuntimeError as error:
            raise cli.InputError(str(error)) from None
        say(f"working out what the clip model says of {len(prepared.clip.frames)} frames")
        wanted = run.expected(prepared)
        say("playing the camera's lines into the emulated board")
        founds = []
        for found in run.play(prepared, config):
            founds.append(found)
            print(report.line(found, prepared, wanted), flush=True)
    print(*report.summary(founds, wanted, prepared, config), sep="\n")
    if options.output:
        options.output.mkdir(parents=True, exist_ok=True)
        film = report.gif(founds, prepared, config)
        cli.write_beside(options.output / "demo.gif", film)
        cli.write_beside(options.output / "demo.html", report.page(founds, wanted, prepared, config, film))
        print(f"wrote {options.output / 'demo.gif'} and {options.output / 'demo.html'}")
    wrong = report.problems(founds, wanted, prepared)
    print(*(f"FAILED: {problem}" for problem in wrong), sep="\n", end="\n" if wrong else "")
    return 1 if wrong else 0


def say(step: str) -> None:
    print(f"demo-camera: {step}", flush=True)


if __name__ == "__main__":
    sys.exit(cli.guarded(main))
