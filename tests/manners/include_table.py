"""Keeps the table of rooms in docs/architecture.md true: who may include whom, and where
third-party headers may stand.

include_table.py SOURCE_DIR      checks the tree
include_table.py --self-test     checks that the checker can fail
"""

import re
import sys
import tempfile
from pathlib import Path

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
# Public headers of plain values and of the model; the other ones declare what higher rooms
# implement.
VALUE_HEADERS = {
    "charset.h",
    "differences.h",
    "error.h",
    "export.h",
    "model.h",
    "options.h",
    "report.h",
    "version.h",
}
OWN_HEADERS = {
    "write": {"comparison.h", "writer.h"},
    "eval": {"evaluation.h"},
    "terms": {"terms.h"},
    "exchange": {"fhir.h", "hl7.h"},
    "certainty": {"certainty.h"},
}
# The C interface and the Python package are made of the C++ one; the former is the only header
# that C reads.
WHOLE_API = {"extract", "capi", "python"}
C_HEADERS = {"include/radie/c_api.h": {"stddef.h"}}

# Third-party headers: how they begin, and the (room, suffixes) that may include them.
ANY = (".h", ".cc", ".inc")
THIRD_PARTY: list[tuple[str, dict[str, tuple[str, ...]]]] = [
    (r"unicode/", {"text": ANY}),
    (
        r"(\w*intrin\.h|arm_neon\.h|cpuid\.h|Eigen/|unsupported/Eigen/|cblas\.h|openblas)",
        {"kernels": ANY},
    ),
    (
        r"nlohmann/",
        # The library reads with it; its trees end a process that has no memory to let them go.
        {"model": (".cc",), "tools": (".cc",), "tests": ANY},
    ),
    (r"(mecab\.h|sentencepiece)", {"tokenize": (".cc",)}),
    (r"(CLI/|httplib\.h)", {"tools": ANY}),
    (r"(zlib|zstd\w*)\.h$", {"tools": (".cc",), "tests": ANY}),
    (r"(gtest|gmock)/", {"tests": ANY}),
    (r"benchmark/", {"bench": ANY}),
    (r"nanobind/", {"python": ANY}),
]
# Their objects print; the library does not.
PRINTING = {"iostream", "print", "syncstream"}
# C++ and C headers have neither a folder nor an ending; what the system adds is named one by one.
SYSTEM = re.compile(
    r"^([a-z0-9_]+|(sys|linux|arpa|net|netinet)/[a-z_]+\.h|(netdb|strings|fcntl|unistd|sched|pthread|errno|signal|dirent|glob|malloc|termios|poll|dlfcn)\.h)$"
)
# What one system has and another has not stands in files named after the system. The Python
# package is built in Linux alone.
ONE_SYSTEM = re.compile(
    r"^((sys|linux|arpa|net|netinet)/\w+\.h|(netdb|strings|fcntl|unistd|sched|pthread|dirent|glob|termios|poll|dlfcn|windows)\.h)$"
)


def is_named_after(path: Path, header: str) -> bool:
    """Whether the file's name says that it is for a system with this header."""
    return bool(
        re.search(
            r"_windows(_test)?$" if header == "windows.h" else r"_(posix|linux)(_test)?$", path.stem
        )
    )


def read_table(text: str) -> dict[str, set[str]]:
    """Rooms of libradie in order, each with the rooms it may include (itself among them)."""
    table: dict[str, set[str]] = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        rooms = re.findall(r"`libradie/(\w+)/`", cells[0]) if line.startswith("|") else []
        if not rooms or len(cells) != 3:
            continue
        allowed = set(re.findall(r"\w+", cells[2].replace("public API", "")))
        if "all" in allowed:
            allowed = set(table)
        for room in rooms:
            table[room] = allowed | {room}
    return table


def room_of(path: Path) -> str:
    parts = path.parts
    if parts[0] == "libradie":
        return parts[1]
    return "public" if parts[0] == "include" else parts[0]


def check_file(path: Path, text: str, table: dict[str, set[str]]) -> list[str]:
    room = room_of(path)
    problems = []

    def complain(number: int, why: str) -> None:
        problems.append(f"{path}:{number}: {why}")

    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        name = match[2]
        first, _, rest = name.partition("/")
        if first == "libradie":
            target = rest.partition("/")[0]
            if room == "public":
                complain(number, f"a public header includes {name}")
            elif room == "tools" or room == "examples":
                complain(number, f"{room} may include the public API only, not {name}")
            elif room in table and target not in table[room]:
                complain(number, f"{room} may not include {target} ({name})")
            elif room not in table and room not in ("tests", "bench"):
                complain(number, f"the table of rooms does not know {room}")
        elif first == "radie":
            limited = room in table and room not in WHOLE_API
            if limited and rest not in VALUE_HEADERS | OWN_HEADERS.get(room, set()):
                complain(number, f"{room} may not include {name}")
        elif third := next(
            (places for pattern, places in THIRD_PARTY if re.match(pattern, name)), None
        ):
            if path.suffix not in third.get(room, ()):
                complain(number, f"{name} has no place in {room}/*{path.suffix}")
        elif name in PRINTING and room in [*table, "public"]:
            complain(number, f"the library does not print: <{name}>")
        elif (
            ONE_SYSTEM.match(name)
            and room in table
            and room != "python"
            and not is_named_after(path, name)
        ):
            complain(number, f"{name} is not for every system, and the file's name names none")
        elif name == "windows.h" and is_named_after(path, name):
            continue
        elif (
            match[1] == "<"
            and not SYSTEM.match(name)
            and name not in C_HEADERS.get(path.as_posix(), ())
        ):
            complain(number, f"unknown third-party header {name}")
        elif match[1] == '"' and room not in ("tools", "tests", "bench"):
            complain(number, f'"{name}" is named neither from libradie/ nor from radie/')
    return problems


def check_tree(root: Path) -> list[str]:
    table = read_table((root / "docs/architecture.md").read_text(encoding="utf-8"))
    problems = [
        f"docs/architecture.md does not list libradie/{folder.name}/"
        for folder in sorted((root / "libradie").iterdir())
        if folder.is_dir() and folder.name not in {*table, "package"}
    ]
    files = [
        path
        for top in ("include", "libradie", "tools", "bench", "tests")
        for path in sorted((root / top).rglob("*"))
        if path.suffix in (".h", ".cc", ".inc")
    ]
    # The consumer is a project of its own that has nothing but the installed headers; it is
    # checked by being built.
    files = [path for path in files if "install_consumer" not in path.parts]
    if len(files) < 20 or len(table) < 8:
        problems.append(f"read only {len(files)} files and {len(table)} rooms: wrong folder?")
    for path in files:
        problems += check_file(path.relative_to(root), path.read_text(encoding="utf-8"), table)
    return problems


def self_test() -> None:
    table = read_table(
        "| `libradie/base/` | x | public API |\n| `libradie/text/` | x | base |\n"
        "| `libradie/kernels/` | x | base |\n| `libradie/extract/` | x | all above |\n"
        "| `libradie/write/`, `libradie/eval/` | x | base, public API |\n"
        "| `libradie/python/` | x | public API |\n"
    )
    assert table["text"] == {"text", "base"} and table["extract"] == {
        "base",
        "text",
        "kernels",
        "extract",
    }, table
    assert table["eval"] == {"eval", "base"}, table
    good = [
        ("libradie/text/a.cc", "<unicode/uchar.h>"),
        ("libradie/kernels/a.h", "<immintrin.h>"),
        ("libradie/extract/a.h", '"libradie/text/b.h"'),
        ("tests/text/a.cc", '"libradie/kernels/b.h"'),
        ("libradie/model/a.cc", "<nlohmann/json.hpp>"),
        ("libradie/text/a.h", '"radie/error.h"'),
        ("libradie/base/a_posix.cc", "<sys/mman.h>"),
        ("libradie/base/a_linux.cc", "<sched.h>"),
        ("libradie/base/a_windows.cc", "<windows.h>"),
        ("tests/base/a_windows_test.cc", "<windows.h>"),
        ("tools/a.cc", "<unistd.h>"),
        ("libradie/python/a.cc", "<unistd.h>"),
        ("tools/a.cc", "<CLI/CLI.hpp>"),
        ("tools/serve/a.h", "<httplib.h>"),
        ("libradie/python/a.h", "<nanobind/nanobind.h>"),
        ("libradie/python/a.cc", '"radie/encoder.h"'),
    ]
    bad = [
        ("libradie/base/a.cc", '"libradie/text/b.h"'),
        ("libradie/kernels/a.cc", '"libradie/text/b.h"'),
        ("include/radie/a.h", "<Eigen/Core>"),
        ("include/radie/a.h", '"libradie/base/b.h"'),
        ("libradie/extract/a.cc", "<unicode/uchar.h>"),
        ("libradie/model/a.h", "<nlohmann/json.hpp>"),
        ("libradie/write/a.cc", "<nlohmann/json.hpp>"),
        ("libradie/text/a.cc", "<iostream>"),
        ("libradie/text/a.cc", '"radie/extractor.h"'),
        ("libradie/text/a.cc", "<boost/any.hpp>"),
        ("tools/a.cc", '"libradie/base/b.h"'),
        ("libradie/text/a.cc", "<Eigen/Core>"),
        ("libradie/eval/a.cc", "<cblas.h>"),
        ("libradie/write/a.cc", "<nanobind/nanobind.h>"),
        ("libradie/base/a.cc", "<httplib.h>"),
        ("libradie/python/a.cc", '"libradie/text/b.h"'),
        ("libradie/base/a.cc", "<sys/mman.h>"),
        ("libradie/base/a_windows.cc", "<unistd.h>"),
        ("libradie/base/a_posix.cc", "<windows.h>"),
        ("tools/a.cc", "<windows.h>"),
        ("libradie/text/a.cc", "<mecab.h>"),
        ("libradie/tokenize/a.h", "<sentencepiece_processor.h>"),
        ("libradie/new/a.cc", '"libradie/base/b.h"'),
        ("libradie/text/a.cc", '"b.h"'),
    ]
    for path, name in good:
        assert not check_file(Path(path), f"#include {name}\n", table), (path, name)
    for path, name in bad:
        assert len(check_file(Path(path), f"\n  # include {name}  // why\n", table)) == 1, (
            path,
            name,
        )
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "docs").mkdir()
        (root / "libradie/attic").mkdir(parents=True)
        (root / "docs/architecture.md").write_text("no table", encoding="utf-8")
        assert len(check_tree(root)) == 2


if __name__ == "__main__":
    if sys.argv[1:] == ["--self-test"]:
        self_test()
    else:
        found = check_tree(Path(sys.argv[1]))
        print("\n".join(found) or "every #include agrees with the table of rooms")
        sys.exit(1 if found else 0)
