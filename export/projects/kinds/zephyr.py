"""A Zephyr module with the network as a library, and a sample that uses it, for release RELEASE.

Sources of the rules: zephyrproject-rtos/zephyr, scripts/schemas/module-schema.yaml and doc/develop/modules; the
repository example-application.
"""

from export.projects.camera import View, view_of
from export.projects.project import Files, Kind, Project

RELEASE = "4.1.0"


def files(project: Project) -> Files:
    names = (
        "zephyr/module.yml",
        "CMakeLists.txt",
        "Kconfig",
        "README.md",
        "sample/CMakeLists.txt",
        "sample/prj.conf",
        "sample/sample.yaml",
        "sample/src/main.c",
    )
    view = view_of(project, sent=None)
    more: dict[str, object] = {"release": RELEASE, "view": view}
    texts = {name: project.text(f"zephyr/{name}.j2", **more) for name in names}
    return {**project.under("model"), **project.extras(), **texts, **(_camera(project, view) if view else {})}


def _camera(project: Project, view: View) -> Files:
    """The sample that takes a camera's pictures by the video API, as release RELEASE has it."""
    program = project.text("zephyr/camera/src/main.c.j2", view=view)
    beside = project.beside(program)
    feed = sorted(name for name in beside if name.endswith(".c"))
    texts = {
        name: project.text(f"zephyr/{name}.j2", view=view, feed=feed)
        for name in ("camera/CMakeLists.txt", "camera/prj.conf", "camera/sample.yaml")
    }
    return {**texts, "camera/src/main.c": program, **{f"feed/{name}": text for name, text in beside.items()}}


KIND = Kind(
    "zephyr",
    f"a Zephyr {RELEASE} module with a sample",
    files,
    lambda folder, archive: (f"west build -b arduino_nicla_vision/stm32h747xx/m7 {folder}/sample",),
)
