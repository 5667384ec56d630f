"""The package as a whole: its version, its documentation's examples, types and style, what its libraries need."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import radie

ROOT = Path(__file__).resolve().parents[2]
# What libc6 brings, and what radie brings along itself.
LIBC = {"libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1", "ld-linux-x86-64.so.2"}
PAGES = ["README.md", "docs/python.md", "libradie/python/README.md"]


def fences(page: str) -> list[str]:
    text = (ROOT / page).read_text(encoding="utf-8")
    return re.findall(r"^```python\n(.*?)^```", text, flags=re.M | re.S)


@pytest.mark.parametrize("page", PAGES)
def test_examples_run(page: str, tmp_path: Path) -> None:
    examples = fences(page)
    assert examples
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    for example in examples:  # each on its own
        done = subprocess.run([sys.executable, "-c", example], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, example + done.stderr


def test_the_readmes_example_has_ten_lines() -> None:
    assert all(len(example.splitlines()) <= 10 for example in fences("README.md"))


def test_one_version() -> None:
    project = (ROOT / "libradie/python/pyproject.toml").read_text(encoding="utf-8")
    assert f'version = "{radie.__version__}"' in project
    assert radie.load().info.isa == radie.available_isas()[0]
    assert radie.__version__ in radie.build_info()


def test_types_and_style() -> None:
    package = ROOT / "libradie/python"
    for tool in (["mypy", "radie"], ["mypy", "-p", "radie"], ["ruff", "check", ".", ROOT / "tests/python"]):
        cwd = ROOT / "build" if "-p" in tool else package  # -p: the installed package and its py.typed
        done = subprocess.run([sys.executable, "-m", *tool], cwd=cwd, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def wheel() -> Path:
    """RADIE_WHEEL: the repaired wheel under test."""
    return Path(os.environ["RADIE_WHEEL"]).resolve()


def test_the_wheel_needs_nothing_but_libc(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
        names = archive.namelist()
    assert {"radie/demo.radie", "radie/py.typed"} <= set(names)
    assert not [name for name in names if name.startswith(("include/", "lib/", "bin/"))]
    libraries = [path for path in tmp_path.rglob("*") if ".so" in path.name]
    carried = {path.name for path in libraries}
    assert any("icuuc" in name for name in carried)
    for library in libraries:
        shown = subprocess.run(["readelf", "-d", library], capture_output=True, text=True, check=True)
        needed = set(re.findall(r"\(NEEDED\).*\[(.*)\]", shown.stdout))
        assert needed <= carried | LIBC, (library.name, needed)
        resolved = subprocess.run(["ldd", library], capture_output=True, text=True, check=True).stdout
        for name, path in re.findall(r"(\S+) => (\S+)", resolved):
            assert name in LIBC or Path(path).is_relative_to(tmp_path), (library.name, name, path)


def test_an_empty_environment_is_enough(wheel: Path, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    python = tmp_path / "venv/bin/python"
    subprocess.run([python, "-m", "pip", "install", "-q", wheel], check=True)
    code = (
        "import radie, sys\n"
        "assert radie.load().extract('右肺上葉に結節を認めます。').findings\n"
        "for what in (lambda: radie.to_frames([]), lambda: radie.load().extract_batch([], progress=True)):\n"
        "    try:\n        what()\n        sys.exit('no ImportError')\n"
        "    except ImportError as missing:\n        assert 'radie[' in str(missing)\n"
    )
    subprocess.run([python, "-c", code], check=True)
