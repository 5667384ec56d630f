"""Regenerates every golden file: `python tests/golden/make_golden.py --output tests/golden`.

Needs PyTorch, transformers, pytorch-crf, safetensors and the converter beside this repository
(`weights_converter`). Everything is seeded: the same versions give the same bytes on the same
kind of machine. README.md says what each file holds.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "weights_converter"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import torch

import golden_charset
import golden_crf
import golden_encoder
import golden_relation
import golden_tagger
import golden_text
import golden_tokenizer

PARTS: dict[str, Callable[[Path], None]] = {
    "charset": golden_charset.make,
    "crf": golden_crf.make,
    "encoder": golden_encoder.make,
    "tokenizer": golden_tokenizer.make,
    "text": golden_text.make,
    "relation": golden_relation.make,
    "tagger": golden_tagger.make,
}


def main(argv: Sequence[str] | None = None) -> None:
    """Makes the parts named, or all."""
    parser = argparse.ArgumentParser(description="Regenerates the golden files.")
    parser.add_argument("--output", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}")
    arguments = parser.parse_args(argv)
    unknown = set(arguments.parts) - set(PARTS)
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    arguments.output.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    for name, make in PARTS.items():
        if not arguments.parts or name in arguments.parts:
            make(arguments.output)


if __name__ == "__main__":
    main()
