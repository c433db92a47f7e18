"""An Mbed OS 6 program (ARMmbed/mbed-os-example-blinky has the same files). NUCLEO_F767ZI is the board of StreamNet."""

from export.projects.project import Files, Kind, Project


def files(project: Project) -> Files:
    names = ("main.cpp", "CMakeLists.txt", "mbed_app.json", "mbed-os.lib", "README.md")
    return {**project.under("model"), **project.extras(), **{name: project.text(f"mbed/{name}.j2") for name in names}}


KIND = Kind(
    "mbed",
    "an Mbed OS 6 program, for NUCLEO_F767ZI and others",
    files,
    lambda folder, archive: (f"cd {folder} && mbed-tools deploy && mbed-tools compile -m NUCLEO_F767ZI -t GCC_ARM",),
)
