"""What the tests of the Python package share. tools/test.sh --full runs them.

RADIE_COMMAND: the command to compare with; build/release/bin/radie where it is not set.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import radie

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def command() -> Path:
    path = Path(os.environ.get("RADIE_COMMAND", ROOT / "build/release/bin/radie"))
    assert path.is_file(), f"{path}: build the command first, or set RADIE_COMMAND"
    return path


@pytest.fixture(scope="session")
def bundled() -> Path:
    return ROOT / "weights_converter/demo/demo.radie"


@pytest.fixture(scope="session")
def model() -> radie.Model:
    return radie.load()


@pytest.fixture(scope="session")
def examples() -> dict[str, str]:
    """The sample reports by file name, byte order marks and line ends as they are."""
    files = sorted((ROOT / "examples/reports").glob("*.txt"))
    assert len(files) >= 10
    return {file.name: file.read_bytes().decode("utf-8") for file in files}
