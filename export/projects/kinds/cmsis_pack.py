"""A CMSIS-Pack: what Keil MDK, IAR and cbuild take. ARM-software/CMSIS-NN:ARM.CMSIS-NN.pdsc is a public example."""

from export.projects.project import LICENCE, Files, Kind, Project, archive
from export.projects.words import class_name, version_of

VENDOR = "stjax"


def files(project: Project) -> Files:
    name = class_name(project.prefix)
    described = [{"name": f"model/{file}", "category": _category(file)} for file in sorted(project.network)]
    more = {"vendor": VENDOR, "pack": name, "release": version_of(), "files": described, "licence": LICENCE}
    return {
        **project.under("model"),
        **project.extras(),
        f"{VENDOR}.{name}.pdsc": project.text("cmsis_pack/pack.pdsc.j2", **more),
        "example/main.c": project.text("cmake/main.c.j2"),
        "README.md": project.text("cmsis_pack/README.md.j2", **more),
    }


def packed(project: Project, contents: Files) -> tuple[str, bytes]:
    return f"{VENDOR}.{class_name(project.prefix)}.{version_of()}.pack", archive(contents)


def _category(file: str) -> str:
    return "source" if file.endswith(".c") else "header"


KIND = Kind(
    "cmsis-pack",
    "a CMSIS-Pack, for Keil MDK, IAR and cbuild",
    files,
    lambda folder, archive: (f"cpackget add {archive}",),
    packed,
)
