"""What the demonstration shows: a line per frame in the terminal, a moving picture, and a page around it."""

import base64
import io
from collections.abc import Sequence

import jinja2
import numpy as np

from experiments.demo_camera.run import CLASSES, Config, Found, Prepared, probabilities

_TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("experiments.demo_camera"),
    undefined=jinja2.StrictUndefined,
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)
BAR = 20
"""Characters of a certain answer's bar."""


def line(found: Found, prepared: Prepared, wanted: dict[int, np.ndarray]) -> str:
    """A frame in the terminal."""
    if found.scores is None:
        return f"frame {found.frame:3}  (the clip model has no answer yet)"
    shares = probabilities(found.scores, prepared.scale)
    best = int(shares.argmax())
    bar = "#" * round(BAR * shares[best])
    other = "" if same(found, wanted) else "  NOT THE MODEL'S BITS"
    return (
        f"frame {found.frame:3}  {CLASSES[best]:<10} {bar:<{BAR}} {shares[best]:4.0%}  "
        f"{found.instructions:9,} instructions, {found.late_ms:5.2f} ms after the frame  "
        f"FIFO {found.deepest} of {_depth(prepared)}  dropped {found.dropped}{other}"
    )


def same(found: Found, wanted: dict[int, np.ndarray]) -> bool:
    """Whether an answer has the clip model's bits."""
    return found.scores is not None and np.array_equal(found.scores, wanted.get(found.frame, np.zeros(0)))


def problems(founds: Sequence[Found], wanted: dict[int, np.ndarray], prepared: Prepared) -> list[str]:
    """What is not as it should be; nothing is expected."""
    answered = [found for found in founds if found.scores is not None]
    wrong = len(wanted) - sum(same(found, wanted) for found in answered)
    found: list[str] = []
    if wrong or len(answered) != len(wanted):
        found.append(f"{wrong} of {len(wanted)} answers are not the clip model's")
    if len(founds) != len(prepared.clip.frames):
        found.append(f"{len(prepared.clip.frames) - len(founds)} frames of {len(prepared.clip.frames)} are missing")
    if founds and founds[-1].dropped:
        found.append(f"{founds[-1].dropped} frames were dropped")
    if any(f.deepest > _depth(prepared) for f in founds):
        found.append("more rows waited than the proved FIFO has")
    return found


def summary(founds: Sequence[Found], wanted: dict[int, np.ndarray], prepared: Prepared, config: Config) -> list[str]:
    """The end of the terminal's text, and the head of the page."""
    plan, camera = prepared.proved.plan, prepared.proved.plan.camera
    assert camera is not None
    answered = [found for found in founds if found.scores is not None]
    wrong = sum(not same(found, wanted) for found in answered)
    clear = [f for f in answered if f.frame % config.frames >= prepared.proved.graph.clip_frames - 1]
    right = sum(
        CLASSES[int(np.argmax(f.scores))] == prepared.clip.classes[f.frame] for f in clear if f.scores is not None
    )
    most = max((found.instructions for found in answered), default=0)
    return [
        f"{len(answered)} answers, {wrong} of them not the clip model's bits; {right} of {len(clear)} right "
        "(where all frames of a window show one movement)",
        f"SRAM proved: {plan.sram_bytes:,} bytes = arena {plan.arena_bytes:,} + state {plan.state_bytes} + stack "
        f"{plan.stack_bytes} + FIFO {plan.fifo_bytes}; linked, without the stack: {prepared.ram_bytes:,}",
        f"camera {camera.width}x{camera.height} at {config.hertz} frames per second, {config.pixel_format}; processor "
        f"{config.clock / 1e6:g} MHz at {config.millicycles / 1000:g} cycles per instruction: there would be time for "
        f"{prepared.feed.most_hertz:.0f} frames per second",
        f"instructions per frame at most {most:,}; FIFO {max((f.deepest for f in founds), default=0)} of "
        f"{camera.fifo_rows} rows; dropped {founds[-1].dropped if founds else 0}",
    ]


def gif(founds: Sequence[Found], prepared: Prepared, config: Config) -> bytes:
    """The camera's pictures with what was found in each, as an animated GIF."""
    from PIL import Image, ImageDraw

    pictures = []
    for found, picture in zip(founds, prepared.clip.pictures, strict=False):
        image = Image.fromarray(picture).resize((320, 240), Image.Resampling.NEAREST)
        canvas = Image.new("RGB", (320, 300), (16, 18, 22))
        canvas.paste(image, (0, 0))
        draw = ImageDraw.Draw(canvas)
        if found.scores is not None:
            shares = probabilities(found.scores, prepared.scale)
            best = int(shares.argmax())
            right = CLASSES[best] == prepared.clip.classes[found.frame]
            colour = (72, 199, 116) if right else (240, 113, 103)
            draw.rectangle((8, 250, 8 + round(304 * float(shares[best])), 262), fill=colour)
            draw.text((8, 266), f"{CLASSES[best]}  {shares[best]:.0%}", fill=(235, 235, 235))
        draw.text(
            (8, 281), f"frame {found.frame}   FIFO {found.deepest}   dropped {found.dropped}", fill=(150, 150, 150)
        )
        pictures.append(canvas.quantize(64))
    out = io.BytesIO()
    pictures[0].save(out, "GIF", save_all=True, append_images=pictures[1:], duration=max(40, 1000 // 8), loop=0)
    return out.getvalue()


def page(
    founds: Sequence[Found], wanted: dict[int, np.ndarray], prepared: Prepared, config: Config, film: bytes
) -> str:
    """One page that needs no network."""
    rows = []
    for found in founds:
        if found.scores is None:
            continue
        shares = probabilities(found.scores, prepared.scale)
        best = int(shares.argmax())
        rows.append(
            {
                "frame": found.frame,
                "truth": prepared.clip.classes[found.frame],
                "answer": CLASSES[best],
                "share": f"{shares[best]:.0%}",
                "width": round(100 * float(shares[best])),
                "instructions": f"{found.instructions:,}",
                "late": f"{found.late_ms:.2f}",
                "deepest": found.deepest,
                "same": same(found, wanted),
            }
        )
    return _TEMPLATES.get_template("page.html.j2").render(
        film=base64.b64encode(film).decode(),
        sentences=summary(founds, wanted, prepared, config),
        rows=rows,
        model=prepared.clip_model.name,
    )


def _depth(prepared: Prepared) -> int:
    camera = prepared.proved.plan.camera
    assert camera is not None
    return camera.fifo_rows
