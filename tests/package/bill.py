"""Whether a bill of materials is true: an SPDX document, what it names, and the files it is of.

    bill.py DOCUMENT ROOT --files PATTERN... --others NAME...

ROOT is the folder that the document's file names start from. The packages are those whose shared
libraries the files ask for, and OTHERS; neither more nor fewer.
"""

import argparse
import hashlib
import json
import re
from pathlib import Path
from typing import Any

from hardening import readelf

Bill = dict[str, Any]

SPDX_ID = re.compile(r"^SPDXRef-[A-Za-z0-9.-]+$")
# The package that a shared library is of. What is in none of the two is not known here.
PACKAGES = {
    "libcpp-httplib": "cpp-httplib",
    "libicudata": "ICU",
    "libicui18n": "ICU",
    "libicuuc": "ICU",
    "libmecab": "MeCab",
    "libsentencepiece": "SentencePiece",
    "libz": "zlib",
    "libzstd": "Zstandard",
}
SYSTEM = re.compile(r"lib(atomic|c|dl|gcc_s|m|pthread|rt|stdc\+\+)|ld-linux[\w-]*")


def package_of(library: str) -> str | None:
    """The package of a library that is asked for; none, if every system has it. In a wheel its name
    has a digest: then it is carried, even if it is the run time."""
    match = re.match(r"(.+?)(-[0-9a-f]{8})?\.so\b", library)
    assert match, f"no library's name: {library}"
    name, carried = match.groups()
    if SYSTEM.fullmatch(name):
        return name if carried else None
    assert name in PACKAGES, f"{library} is of no package known here: list it, and in the bill"
    return PACKAGES[name]


def needed(files: list[Path]) -> set[str]:
    """Names of the shared libraries that linked files ask for."""
    linked = [file for file in files if file.read_bytes()[:4] == b"\x7fELF"]
    return {
        name for file in linked for name in re.findall(r"NEEDED.*\[(\S+)\]", readelf("-d", file))
    }


def check_form(bill: Bill) -> None:
    """Required fields, unique ids, no dangling relation."""
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


def check_packages(bill: Bill, libraries: set[str], others: set[str]) -> None:
    """The packages are those of the libraries, linked dynamically, and the others, linked or
    included otherwise."""
    names = {package["SPDXID"]: package["name"] for package in bill["packages"]}
    linked = {name for name in map(package_of, libraries) if name}
    expected = {"radie"} | linked | others
    assert len(names) == len(expected) and set(names.values()) == expected, (
        f"packages, listed or expected only: {sorted(set(names.values()) ^ expected)}"
    )
    for package in bill["packages"]:
        assert package["versionInfo"] and package["licenseConcluded"], package["name"]
    relations = {
        names[relation["relatedSpdxElement"]]: relation["relationshipType"]
        for relation in bill["relationships"]
        if relation["spdxElementId"] == "SPDXRef-radie" and relation["relatedSpdxElement"] in names
    }
    assert set(relations) == expected - {"radie"}, "packages that nothing says the use of"
    dynamic = {name for name, kind in relations.items() if kind == "DYNAMIC_LINK"}
    assert dynamic == linked, f"dynamic, listed or linked only: {sorted(dynamic ^ linked)}"


def check_files(bill: Bill, root: Path, files: list[Path]) -> None:
    """Each file is there by its digests, and no other."""
    listed = {item["fileName"]: item for item in bill["files"]}
    there = {f"./{file.relative_to(root).as_posix()}": file for file in files}
    assert set(listed) == set(there) and there, f"files: {sorted(set(listed) ^ set(there))}"
    contained = {
        relation["relatedSpdxElement"]
        for relation in bill["relationships"]
        if relation["relationshipType"] == "CONTAINS"
    }
    for name, file in there.items():
        assert listed[name]["SPDXID"] in contained, f"{name} is of no package"
        digests = {item["algorithm"]: item["checksumValue"] for item in listed[name]["checksums"]}
        for algorithm in ("SHA1", "SHA256"):
            assert (
                digests[algorithm] == hashlib.new(algorithm.lower(), file.read_bytes()).hexdigest()
            ), f"{algorithm} of {name}"


def check(document: Path, root: Path, patterns: list[str], others: set[str]) -> set[str]:
    """The libraries that the files ask for. Patterns are relative to the root; links count not."""
    bill = json.loads(document.read_text(encoding="utf-8"))
    found = {file for pattern in patterns for file in root.glob(pattern)}
    files = sorted(file for file in found if file.is_file() and not file.is_symlink())
    libraries = needed(files)
    check_form(bill)
    check_packages(bill, libraries, others)
    check_files(bill, root, files)
    return libraries


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("document", type=Path)
    parser.add_argument("root", type=Path)
    parser.add_argument("--files", nargs="+", required=True, metavar="PATTERN")
    parser.add_argument("--others", nargs="+", required=True, metavar="NAME")
    options = parser.parse_args()
    libraries = check(options.document, options.root, options.files, set(options.others))
    print(f"bill of materials: true; needed at run time: {' '.join(sorted(libraries))}")


if __name__ == "__main__":
    main()
