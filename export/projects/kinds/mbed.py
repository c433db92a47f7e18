"""An Mbed OS 6 program (ARMmbed/mbed-os-example-blinky has the same files). NUCLEO_F767ZI is the board of StreamNet."""

from export.projects.project import Files, Kind, Project


def files(project: Project) -> Files:
    programs = {name: project.text(f"mbed/{name}.j2") for name in ("main.cpp", "serial.cpp")}
    beside = project.beside(*programs.values())
    feed = sorted(name for name in beside if name.endswith(".c"))
    names = ("CMakeLists.txt", "mbed_app.json", "mbed-os.lib", "README.md")
    return {
        **project.under("model"),
        **{f"feed/{name}": text for name, text in beside.items()},
        **project.extras(),
        **programs,
        **{name: project.text(f"mbed/{name}.j2", feed=feed) for name in names},
    }


KIND = Kind(
    "mbed",
    "an Mbed OS 6 program, for NUCLEO_F767ZI and others",
    files,
    lambda folder, archive: (f"cd {folder} && mbed-tools deploy && mbed-tools compile -m NUCLEO_F767ZI -t GCC_ARM",),
)
