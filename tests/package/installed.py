"""The installed programs and libraries are hardened, and so is each translation unit that went into
them; the bill of materials beside them is true.

installed.py BUILD_FOLDER CMAKE
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import bill
import hardening


def check_units(build: Path, archive: Path, tools: bool) -> dict[str, list[str]]:
    """The units of the library, the C interface and the command, and what each lacks."""
    x86 = hardening.is_x86(archive)
    units = {
        name: lacks
        for name, lacks in hardening.unit_faults(build, x86).items()
        if name.startswith(("libradie/", "tools/"))
    }
    library = [name for name in units if name.startswith("libradie/")]
    beside = [name for name in units if name not in library]
    interface = [name for name in library if hardening.target_of(name) == "radie_capi"]
    # That all are here: as many as the library has members, and some of each other part.
    assert len(library) - len(interface) == hardening.members(archive), "units of the library"
    assert interface, "no unit of the C interface"
    targets = {hardening.target_of(name) for name in beside}
    assert targets == ({"radie_tools", "radie_command"} if tools else set()), f"targets: {targets}"
    if x86:
        objects = [build / name for name in interface + beside]
        marked = not hardening.unmarked_for_cet(archive, *objects)
        units["objects"] = [] if marked else ["the marks of CET in some"]
    return units


def check_linked(prefix: Path, program: Path) -> dict[str, list[str]]:
    """What the shared libraries and the command lack."""
    libraries = sorted({file.resolve() for file in prefix.glob("lib/**/libradie*.so")})
    assert len(libraries) == 2, f"shared libraries: {libraries}"
    faults = {file.name: hardening.faults_of(file) for file in libraries}
    if program.is_file():
        faults["bin/radie"] = hardening.faults_of(program, program=True)
    return faults


def not_shared(archive: Path, tools: bool) -> set[str]:
    """Third-party software in what is installed that no shared library tells of."""
    names = {"Eigen", "nlohmann-json"} | ({"CLI11"} if tools else set())
    undefined = subprocess.run(["nm", "-u", archive], check=True, capture_output=True, text=True)
    return names | ({"OpenBLAS"} if "cblas_" in undefined.stdout else set())


def main() -> int:
    build, cmake = Path(sys.argv[1]), sys.argv[2]
    with tempfile.TemporaryDirectory() as folder:
        prefix = Path(folder) / "prefix"
        subprocess.run(
            [cmake, "--install", build, "--prefix", prefix], check=True, stdout=subprocess.DEVNULL
        )
        program = prefix / "bin/radie"
        archive = next(prefix.glob("lib/**/libradie.a"))
        faults = check_linked(prefix, program) | check_units(build, archive, program.is_file())
        hardened = hardening.report(faults)
        libraries = bill.check(
            prefix / "share/doc/radie/radie.spdx.json",
            prefix,
            ["bin/radie", "lib/**/libradie*", "share/radie/*.radie"],
            not_shared(archive, program.is_file()),
        )
        print(f"bill of materials: true; needed at run time: {' '.join(sorted(libraries))}")
        return 0 if hardened else 1


if __name__ == "__main__":
    sys.exit(main())
