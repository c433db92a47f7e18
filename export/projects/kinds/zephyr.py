"""A Zephyr module with the network as a library, and a sample that uses it, for release RELEASE.

Sources of the rules: zephyrproject-rtos/zephyr, scripts/schemas/module-schema.yaml and doc/develop/modules; the
repository example-application.
"""

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
    texts = {name: project.text(f"zephyr/{name}.j2", release=RELEASE) for name in names}
    return {**project.under("model"), **project.extras(), **texts}


KIND = Kind(
    "zephyr",
    f"a Zephyr {RELEASE} module with a sample",
    files,
    lambda folder, archive: (f"west build -b arduino_nicla_vision/stm32h747xx/m7 {folder}/sample",),
)
