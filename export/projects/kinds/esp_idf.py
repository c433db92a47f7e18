"""An ESP-IDF project with the network as a component (esp-idf-component-manager checks its manifest)."""

from export.projects.project import Files, Kind, Project
from export.projects.words import version_of


def files(project: Project) -> Files:
    component = f"components/{project.prefix}"
    more = {"release": version_of()}
    names = ("CMakeLists.txt", "sdkconfig.defaults", "README.md", "main/CMakeLists.txt", "main/main.c")
    return {
        **project.under(f"{component}/src"),
        **project.extras(),
        f"{component}/CMakeLists.txt": project.text("esp_idf/component.cmake.j2"),
        f"{component}/idf_component.yml": project.text("esp_idf/idf_component.yml.j2", **more),
        **{name: project.text(f"esp_idf/{name}.j2") for name in names},
    }


KIND = Kind(
    "esp-idf",
    "an ESP-IDF project with a component, for ESP32-S3 and others",
    files,
    lambda folder, archive: (f"idf.py -C {folder} set-target esp32s3 build flash monitor",),
)
