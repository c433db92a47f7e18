"""A PlatformIO library, with a project for the Nicla Vision that uses it (platformio-core checks its manifest)."""

import json
from collections.abc import Iterable

from export.projects.camera import view_of
from export.projects.project import Files, Kind, Project
from export.projects.words import class_name, version_of

EXAMPLE = "single_image"


def files(project: Project) -> Files:
    more: dict[str, object] = {"library": class_name(project.prefix), "view": view_of(project)}
    sketches = {EXAMPLE: "SingleImage"} | ({"camera_gesture": "CameraGesture"} if more["view"] else {})
    programs = {name: project.text("platformio/main.cpp.j2", sketch=sketches[name], **more) for name in sketches}
    settings = project.text("platformio/platformio.ini.j2", **more)
    return {
        **project.under("src"),
        **{f"src/{file}": text for file, text in project.beside(*programs.values()).items()},
        **project.extras(),
        "library.json": json.dumps(_manifest(project, class_name(project.prefix), programs), indent=2) + "\n",
        "README.md": project.text("platformio/README.md.j2", **more),
        **{f"examples/{name}/platformio.ini": settings for name in programs},
        **{f"examples/{name}/src/main.cpp": text for name, text in programs.items()},
    }


def _manifest(project: Project, name: str, examples: Iterable[str]) -> dict[str, object]:
    return {
        "name": name,
        "version": version_of(),
        "description": f"A neural network with its memory proved: {project.proved.plan.sram_bytes} bytes of SRAM",
        "keywords": ["machine learning", "neural network", "tinyml", "tflite"],
        "license": "Apache-2.0",
        "frameworks": "*",
        "platforms": "*",
        "headers": f"{project.prefix}.h",
        "build": {"srcDir": "src", "includeDir": "src", "flags": "-O2"},
        "examples": [
            {"name": example.replace("_", " "), "base": f"examples/{example}", "files": ["src/main.cpp"]}
            for example in examples
        ],
        "export": {"exclude": ["extras"]},
    }


KIND = Kind(
    "platformio",
    "a PlatformIO library with a project for the Nicla Vision",
    files,
    lambda folder, archive: (f"pio run -d {folder}/examples/{EXAMPLE} -t upload",),
)
