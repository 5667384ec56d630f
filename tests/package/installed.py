"""The installed programs and libraries are hardened, and the bill of materials beside them is true.

installed.py BUILD_FOLDER CMAKE
"""

import hashlib
import json
import platform
import re
import subprocess
import sys
import tempfile
from pathlib import Path

SPDX_ID = re.compile(r"^SPDXRef-[A-Za-z0-9.-]+$")


def readelf(*arguments: str | Path) -> str:
    return subprocess.run(
        ["readelf", "-W", *arguments], check=True, capture_output=True, text=True
    ).stdout


def faults_of(file: Path, program: bool) -> list[str]:
    """What hardening the file lacks."""
    segments, dynamic, symbols = (
        readelf("-l", file),
        readelf("-d", file),
        readelf("--dyn-syms", file),
    )
    stack = next((line for line in segments.splitlines() if "GNU_STACK" in line), "GNU_STACK RWE")
    found = {
        "a stack that is not executable": "RWE" not in stack,
        "RELRO": "GNU_RELRO" in segments,
        "immediate binding": bool(re.search(r"\bBIND_NOW\b|FLAGS_1.*\bNOW\b", dynamic)),
        "stack protection": "__stack_chk_fail" in symbols,
        "fortified functions": bool(re.search(r" __\w+_chk@", symbols)),
        "position independence": "DYN (" in readelf("-h", file),
        "no folder to load from": "RUNPATH" not in dynamic and "RPATH" not in dynamic,
    }
    if program:
        found["PIE"] = bool(re.search(r"FLAGS_1.*\bPIE\b", dynamic))
    return [what for what, there in found.items() if not there]


def unmarked_for_cet(archive: Path) -> int:
    """How many of radie's own objects lack the marks of CET. A linked file as a whole also needs
    them of the system's start files, which Debian 12's do not have, and of OpenBLAS."""
    notes = readelf("-n", archive)
    objects = notes.count("File: ")
    listed = subprocess.run(["ar", "t", archive], check=True, capture_output=True, text=True)
    members = len(listed.stdout.split())
    assert 0 < objects == members, f"{archive.name}: {objects} objects read of {members}"
    return objects - notes.count("IBT, SHSTK")


def check_bill(prefix: Path) -> None:
    """The SPDX document: required fields, unique ids, no dangling relation, and each installed file
    by its digests."""
    bill = json.loads((prefix / "share/doc/radie/radie.spdx.json").read_text(encoding="utf-8"))
    assert bill["spdxVersion"] == "SPDX-2.3" and bill["dataLicense"] == "CC0-1.0", "SPDX 2.3"
    assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", bill["documentNamespace"]), "documentNamespace"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", bill["creationInfo"]["created"]), (
        "created"
    )
    ids = [bill["SPDXID"], *(item["SPDXID"] for item in bill["packages"] + bill["files"])]
    assert len(ids) == len(set(ids)) and all(SPDX_ID.match(name) for name in ids), "ids"
    for relation in bill["relationships"]:
        assert {relation["spdxElementId"], relation["relatedSpdxElement"]} <= set(ids), (
            f"dangling: {relation}"
        )
    names = {package["name"] for package in bill["packages"]}
    assert {"radie", "ICU", "Eigen", "nlohmann-json"} <= names, f"packages: {names}"

    listed = {item["fileName"]: item for item in bill["files"]}
    there = {
        f"./{file.relative_to(prefix)}": file
        for pattern in ("bin/radie", "lib/**/libradie*", "share/radie/*.radie")
        for file in prefix.glob(pattern)
        if file.is_file() and not file.is_symlink()
    }
    assert set(listed) == set(there) and there, f"files: {set(listed) ^ set(there)}"
    for name, file in there.items():
        digests = {item["algorithm"]: item["checksumValue"] for item in listed[name]["checksums"]}
        for algorithm in ("SHA1", "SHA256"):
            assert (
                digests[algorithm] == hashlib.new(algorithm.lower(), file.read_bytes()).hexdigest()
            ), f"{algorithm} of {name}"


def links(prefix: Path) -> set[str]:
    """Names of the shared libraries that what is installed asks for."""
    files = [
        file
        for file in (prefix / "bin/radie", *prefix.glob("lib/**/libradie*.so"))
        if file.is_file()
    ]
    return {
        name for file in files for name in re.findall(r"NEEDED.*\[(\S+)\]", readelf("-d", file))
    }


def main() -> int:
    build, cmake = Path(sys.argv[1]), sys.argv[2]
    with tempfile.TemporaryDirectory() as folder:
        prefix = Path(folder) / "prefix"
        subprocess.run(
            [cmake, "--install", build, "--prefix", prefix], check=True, stdout=subprocess.DEVNULL
        )
        libraries = sorted({file.resolve() for file in prefix.glob("lib/**/libradie*.so")})
        assert len(libraries) == 2, f"shared libraries: {libraries}"
        faults = {
            str(file.relative_to(prefix.resolve())): faults_of(file, False) for file in libraries
        }
        if (prefix / "bin/radie").is_file():
            faults["bin/radie"] = faults_of(prefix / "bin/radie", True)
        if platform.machine() == "x86_64":
            archive = next(prefix.glob("lib/**/libradie.a"))
            faults["libradie.a"] = ["CET in some objects"] if unmarked_for_cet(archive) else []
        for name, lacking in faults.items():
            print(f"{name}: {'lacks ' + ', '.join(lacking) if lacking else 'hardened'}")
        check_bill(prefix)
        print(f"bill of materials: true; needed at run time: {' '.join(sorted(links(prefix)))}")
        return int(any(faults.values()))


if __name__ == "__main__":
    sys.exit(main())
