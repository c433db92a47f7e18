"""A PlatformIO library, with a project for the Nicla Vision that uses it (platformio-core checks its manifest)."""

import json

from export.projects.project import Files, Kind, Project
from export.projects.words import class_name, version_of


def files(project: Project) -> Files:
    name = class_name(project.prefix)
    return {
        **project.under("src"),
        **project.extras(),
        "library.json": json.dumps(_manifest(project, name), indent=2) + "\n",
        "README.md": project.text("platformio/README.md.j2", library=name),
        "examples/single_image/platformio.ini": project.text("platformio/platformio.ini.j2", library=name),
        "examples/single_image/src/main.cpp": project.text("platformio/main.cpp.j2", library=name),
    }


def _manifest(project: Project, name: str) -> dict[str, object]:
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
        "examples": [{"name": "single image", "base": "examples/single_image", "files": ["src/main.cpp"]}],
        "export": {"exclude": ["extras"]},
    }


KIND = Kind(
    "platformio",
    "a PlatformIO library with a project for the Nicla Vision",
    files,
    lambda folder, archive: (f"pio run -d {folder}/examples/single_image -t upload",),
)
