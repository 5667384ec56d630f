"""The package as a whole: version, documentation's examples, types, style, what the wheel needs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import radie

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "libradie/python"
PAGES = ["README.md", "docs/python.md", "libradie/python/README.md"]
# What libc6 brings.
LIBC = {
    "libc.so.6",
    "libm.so.6",
    "libdl.so.2",
    "libpthread.so.0",
    "librt.so.1",
    "ld-linux-x86-64.so.2",
}

BARE = """
import importlib, radie, sys
assert radie.load().extract("右肺上葉に結節を認めます。").findings
needy = [radie.to_frames, lambda texts: radie.load().extract_batch(texts, progress=True)]
for what in [*needy, lambda _: importlib.import_module("radie.arrow")]:
    try:
        what([])
        sys.exit("no ImportError")
    except ImportError as missing:
        assert "radie[" in str(missing)
"""


def run(*command: object, cwd: Path = ROOT) -> str:
    """Its standard output; an assertion with all that it said when it fails."""
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{words}\n{done.stdout}{done.stderr}"
    return done.stdout


def fences(page: str) -> list[str]:
    text = (ROOT / page).read_text(encoding="utf-8")
    return re.findall(r"^```python\n(.*?)^```", text, flags=re.M | re.S)


@pytest.mark.parametrize("page", PAGES)
def test_examples_run(page: str, tmp_path: Path) -> None:
    examples = fences(page)
    assert examples
    for example in examples:  # each on its own
        assert run(sys.executable, "-c", example, cwd=tmp_path)


def test_the_readmes_example_has_ten_lines() -> None:
    assert all(len(example.splitlines()) <= 10 for example in fences("README.md"))


def test_one_version() -> None:
    project = (PACKAGE / "pyproject.toml").read_text(encoding="utf-8")
    assert f'version = "{radie.__version__}"' in project
    assert radie.load().info.isa == radie.available_isas()[0]
    assert radie.__version__ in radie.build_info()


def test_the_wheel_holds_every_tokenizer() -> None:
    for option in ("MECAB", "SENTENCEPIECE"):
        assert f"RADIE_WITH_{option}: on" in radie.build_info()


def test_types_and_style(tmp_path: Path) -> None:
    python, settings = sys.executable, PACKAGE / "pyproject.toml"
    run(
        python,
        "-m",
        "mypy",
        "--config-file",
        settings,
        "radie",
        "repair_wheel.py",
        ROOT / "tests/python",
        cwd=PACKAGE,
    )
    user = tmp_path / "user.py"  # of the installed package, whose py.typed mypy must find
    user.write_text("import radie\n\nn: int = radie.load().extract('').entities[0].start\n")
    run(python, "-m", "mypy", "--strict", user, cwd=tmp_path)
    for command in (["check", "--no-cache"], ["format", "--no-cache", "--check"]):
        run(python, "-m", "ruff", *command, "--config", settings, PACKAGE, ROOT / "tests/python")


@pytest.fixture(scope="session")
def wheel() -> Path:
    """RADIE_WHEEL: the repaired wheel under test."""
    return Path(os.environ["RADIE_WHEEL"]).resolve()


@pytest.fixture(scope="session")
def unpacked(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def test_the_wheel_needs_nothing_but_libc(wheel: Path, unpacked: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {"radie/demo.radie", "radie/py.typed"} <= set(names)
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not [name for name in names if name.startswith(("include/", "lib/", "bin/"))]
    libraries = [path for path in unpacked.rglob("*") if ".so" in path.name]
    carried = {path.name for path in libraries}
    assert any("icuuc" in name for name in carried)
    for library in libraries:
        needed = set(re.findall(r"\(NEEDED\).*\[(.*)\]", run("readelf", "-d", library)))
        assert needed <= carried | LIBC, (library.name, needed)
        for name, path in re.findall(r"(\S+) => (\S+)", run("ldd", library)):
            assert name in LIBC or Path(path).is_relative_to(unpacked), (library.name, name, path)


def test_the_module_is_hardened(wheel: Path, unpacked: Path) -> None:
    """As it is linked, and each unit that went into it: tools/build_wheel.sh builds beside the
    wheel's folder."""
    (module,) = unpacked.glob("radie/_radie*.so")
    checker, build = ROOT / "tests/package/hardening.py", wheel.parents[1] / "cmake"
    folder = "$ORIGIN/../radie.libs"
    run(sys.executable, "-B", checker, "--folder", folder, "--units", build, module)


def test_the_bill_of_materials_is_true(unpacked: Path) -> None:
    """What the repair copied into the wheel too, each library by its digests and of its package."""
    (document,) = unpacked.glob("radie-*.dist-info/sboms/radie.spdx.json")
    files = ["radie/*.so", "radie/*.radie", "radie.libs/*"]
    others = ["Eigen", "nanobind", "nlohmann-json", "robin-map"]
    checker = ROOT / "tests/package/bill.py"
    run(sys.executable, "-B", checker, document, unpacked, "--files", *files, "--others", *others)
    bill = json.loads(document.read_text(encoding="utf-8"))
    places = {item["SPDXID"]: item["fileName"] for item in bill["files"]}
    owners = {
        places[relation["relatedSpdxElement"]]: relation["spdxElementId"]
        for relation in bill["relationships"]
        if relation["relatedSpdxElement"] in places
    }
    assert {owner for place, owner in owners.items() if "icu" in place} == {"SPDXRef-ICU"}
    for place, owner in owners.items():
        assert place.startswith("./radie/") == (owner == "SPDXRef-radie"), (place, owner)


def test_an_empty_environment_is_enough(wheel: Path, tmp_path: Path) -> None:
    run(sys.executable, "-m", "venv", tmp_path / "venv")
    python = tmp_path / "venv/bin/python"
    run(python, "-m", "pip", "install", "-q", wheel)
    run(python, "-c", BARE, cwd=tmp_path)
