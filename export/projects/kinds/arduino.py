"""An Arduino library: a folder and a zip that Arduino IDE and arduino-cli take, for any core with 32-bit pointers.

Source of the rules: Arduino's library specification, revision 2.2. All C lies flat in `src/`, which is the only folder
on the include path.
"""

from export.projects.camera import view_of
from export.projects.project import Files, Kind, Project, archive
from export.projects.words import class_name, version_of

CAMERA = "CameraGesture"
SKETCHES = ("SingleImage", "SerialTest", CAMERA)


def files(project: Project) -> Files:
    name = class_name(project.prefix)
    more: dict[str, object] = {"library": name, "release": version_of()}
    more["view"] = view_of(project)
    sketches = {
        sketch: project.text(f"arduino/{sketch}.ino.j2", **more)
        for sketch in SKETCHES
        if sketch != CAMERA or more["view"] is not None
    }
    return {
        **project.under("src"),
        **{f"src/{file}": text for file, text in project.beside(*sketches.values()).items()},
        **project.extras(),
        "library.properties": project.text("arduino/library.properties.j2", **more),
        "keywords.txt": project.text("arduino/keywords.txt.j2", **more),
        "README.md": project.text("arduino/README.md.j2", **more),
        **{f"examples/{sketch}/{sketch}.ino": text for sketch, text in sketches.items()},
    }


def packed(project: Project, contents: Files) -> tuple[str, bytes]:
    name = class_name(project.prefix)
    return f"{name}.zip", archive(contents, name)


KIND = Kind(
    "arduino",
    "a library, as folder and zip, with sketches",
    files,
    lambda folder, archive: (
        f"arduino-cli lib install --zip-path {archive}",
        "or, in the Arduino IDE: Sketch > Include Library > Add .ZIP Library",
    ),
    packed,
)
