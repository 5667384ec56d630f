"""What the figures were measured on and with."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ["onnxruntime", "openvino", "nncf", "torch", "transformers", "ctranslate2", "numpy"]
# Which of them say what kernels an engine can use.
FLAGS = ["avx2", "avx_vnni", "avx512f", "avx512_vnni", "avx512_bf16", "amx_int8", "amx_bf16"]


def package_version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def describe_machine(threads: int, cores: list[int]) -> dict[str, str]:
    facts: dict[str, str] = {}
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = line.partition(":")
        facts.setdefault(name.strip(), value.strip())
    flags = facts.get("flags", "").split()
    known = " ".join(flag for flag in FLAGS if flag in flags)
    if "avx2_only" in os.environ.get("LD_PRELOAD", ""):
        known = f"avx2 (hidden from the engines: {known.removeprefix('avx2 ')})"
    return {
        "cpu": facts.get("model name", "unknown"),
        "instructions": known,
        "threads": f"{threads}, on cores {','.join(map(str, cores))}",
        "python": platform.python_version(),
        **{name: package_version(name) for name in PACKAGES},
    }
