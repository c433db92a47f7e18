"""An ESP-IDF project with the network as a component (esp-idf-component-manager checks its manifest)."""

from export.projects.camera import View, view_of
from export.projects.project import Files, Kind, Project
from export.projects.words import version_of

FRAME_SIZES = {
    (96, 96): "96X96",
    (160, 120): "QQVGA",
    (176, 144): "QCIF",
    (240, 176): "HQVGA",
    (240, 240): "240X240",
    (320, 240): "QVGA",
}
"""Pictures that fit a chip's own memory, by esp32-camera's names (espressif/esp32-camera, driver/include/sensor.h)."""


def files(project: Project) -> Files:
    component = f"components/{project.prefix}"
    view = view_of(project, FRAME_SIZES)
    more: dict[str, object] = {"release": version_of(), "view": view}
    names = ("CMakeLists.txt", "sdkconfig.defaults", "README.md", "main/CMakeLists.txt", "main/main.c")
    return {
        **project.under(f"{component}/src"),
        **project.extras(),
        f"{component}/CMakeLists.txt": project.text("esp_idf/component.cmake.j2"),
        f"{component}/idf_component.yml": project.text("esp_idf/idf_component.yml.j2", **more),
        **{name: project.text(f"esp_idf/{name}.j2", **more) for name in names},
        **(_camera(project, view) if view else {}),
    }


def _camera(project: Project, view: View) -> Files:
    """A project of its own that takes pictures by the component esp32-camera."""
    size = FRAME_SIZES[view.place.width, view.place.height]
    program = project.text("esp_idf/camera/main/main.c.j2", view=view, frame_size=size)
    beside = project.beside(program)
    feed = sorted(name for name in beside if name.endswith(".c"))
    names = ("CMakeLists.txt", "sdkconfig.defaults", "main/CMakeLists.txt", "main/idf_component.yml")
    return {
        **{f"camera/{name}": project.text(f"esp_idf/camera/{name}.j2", feed=feed) for name in names},
        "camera/main/main.c": program,
        **{f"feed/{name}": text for name, text in beside.items()},
    }


KIND = Kind(
    "esp-idf",
    "an ESP-IDF project with a component, for ESP32-S3 and others",
    files,
    lambda folder, archive: (f"idf.py -C {folder} set-target esp32s3 build flash monitor",),
)
