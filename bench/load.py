"""What a process that loads a model takes, and what a second one beside it adds.

    load.py BUILD_DIR [--precision fp16,int8] [--threads 2] [--rounds 5] [--model FILE]

The model is read and mapped, as it is and packed (`radie pack`). Without --model, it is a tagger
over BERT-base (12 layers of 768) with random weights stored as fp16 and a vocabulary of 32,768. A
file is in the page cache before it is loaded. Prints a Markdown table; times are medians of the
rounds, memory is that of the last one.
"""

from __future__ import annotations

import argparse
import json
import random
import struct
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median

LAYERS, HIDDEN, INNER, VOCABULARY, POSITIONS = 12, 768, 3072, 32768, 512
LABELS = ["O", "B-Finding", "I-Finding"]
MIB = 1 << 20


def vocabulary() -> list[str]:
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    kana, kanji = range(0x3041, 0x3100), range(0x4E00, 0xA000)
    characters = [chr(c) for c in (*range(0x21, 0x7F), *kana, *kanji)]
    return (special + characters + [f"[unused{n}]" for n in range(VOCABULARY)])[:VOCABULARY]


def tensors() -> list[tuple[str, list[int], float, float]]:
    """Name, shape, middle, spread."""
    base = "entities.bert."
    found: list[tuple[str, list[int], float, float]] = []

    def linear(name: str, outputs: int, inputs: int) -> None:
        found.extend(
            [
                (name + ".weight", [outputs, inputs], 0.0, 0.04),
                (name + ".bias", [outputs], 0.0, 0.02),
            ]
        )

    def norm(name: str) -> None:
        found.extend(
            [(name + ".weight", [HIDDEN], 1.0, 0.02), (name + ".bias", [HIDDEN], 0.0, 0.02)]
        )

    for table, rows in (("word", VOCABULARY), ("position", POSITIONS), ("token_type", 2)):
        found.append((f"{base}embeddings.{table}_embeddings.weight", [rows, HIDDEN], 0.0, 0.05))
    norm(base + "embeddings.LayerNorm")
    for number in range(LAYERS):
        layer = f"{base}encoder.layer.{number}."
        for part in ("query", "key", "value"):
            linear(f"{layer}attention.self.{part}", HIDDEN, HIDDEN)
        linear(layer + "attention.output.dense", HIDDEN, HIDDEN)
        norm(layer + "attention.output.LayerNorm")
        linear(layer + "intermediate.dense", INNER, HIDDEN)
        linear(layer + "output.dense", HIDDEN, INNER)
        norm(layer + "output.LayerNorm")
    linear("entities.classifier", len(LABELS), HIDDEN)
    return found


def metadata() -> dict[str, str]:
    encoder = {
        "hidden_size": HIDDEN,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": 12,
        "intermediate_size": INNER,
        "vocab_size": VOCABULARY,
        "max_position_embeddings": POSITIONS,
        "type_vocab_size": 2,
        "hidden_act": "gelu",
        "layer_norm_eps": 1e-12,
    }
    tokenizer = {
        "profile": "char",
        "vocab": "v",
        "unk_token": "[UNK]",
        "cls_token": "[CLS]",
        "sep_token": "[SEP]",
    }
    values: dict[str, object] = {
        "model": {
            "name": "bert-base",
            "version": "1",
            "license": "none",
            "description": "random weights",
            "sources": [],
        },
        "text": {"normalization": "radiology-ja", "sentences": "radiology-ja"},
        "schema": {
            "name": "one",
            "entity_types": [{"name": "Finding", "role": "object"}],
            "relation_types": [],
        },
        "entities": {
            "encoder": encoder,
            "tokenizer": tokenizer,
            "labels": LABELS,
            "head": "softmax",
        },
        "vocab.v": vocabulary(),
    }
    return {
        "format": "radie",
        "format_version": "1",
        **{key: json.dumps(value, ensure_ascii=False) for key, value in values.items()},
    }


def write_random_model(path: Path) -> None:
    """Weights repeat a block of random ones of an odd length: enough for times and sizes."""
    source = random.Random(1)
    values = [source.uniform(-1, 1) for _ in range(65_537)]
    header: dict[str, object] = {"__metadata__": metadata()}
    end = 0
    for name, shape, _, _ in tensors():
        size = 2 * shape[0] * (shape[1] if len(shape) > 1 else 1)
        header[name] = {"dtype": "F16", "shape": shape, "data_offsets": [end, end + size]}
        end += size
    text = json.dumps(header, ensure_ascii=False).encode()
    blocks: dict[tuple[float, float], bytes] = {}
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for _, shape, middle, spread in tensors():
            if (middle, spread) not in blocks:
                blocks[middle, spread] = struct.pack(
                    f"<{len(values)}e", *(middle + spread * value for value in values)
                )
            block, size = blocks[middle, spread], 2 * shape[0] * (shape[1] if len(shape) > 1 else 1)
            file.write((block * (size // len(block) + 1))[:size])


@dataclass
class Use:
    ready_ms: float
    ready_cpu_ms: float
    first_ms: float
    first_cpu_ms: float
    peak: float  # MiB
    own: float  # MiB that no other process has


class Process:
    """One that has loaded the model and holds it."""

    def __init__(self, words: list[str]) -> None:
        self.process = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline().split()
        if len(line) != 4:
            raise SystemExit(f"{' '.join(words)}: exit {self.process.wait()}")
        self.ready_ms, self.ready_cpu_ms, self.first_ms, self.first_cpu_ms = map(float, line)

    def use(self) -> Use:
        facts: dict[str, int] = {}
        for name in ("status", "smaps_rollup"):
            for line in (
                Path(f"/proc/{self.process.pid}/{name}").read_text(encoding="utf-8").splitlines()
            ):
                words = line.split()
                if len(words) == 3 and words[2] == "kB":
                    facts[words[0]] = int(words[1])
        return Use(
            self.ready_ms,
            self.ready_cpu_ms,
            self.first_ms,
            self.first_cpu_ms,
            facts["VmHWM:"] / 1024,
            (facts["Private_Clean:"] + facts["Private_Dirty:"]) / 1024,
        )

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(60)


def measure(words: list[str]) -> tuple[Use, Use, Use]:
    """Of one alone, of the same beside a second one, of the second."""
    first = Process(words)
    alone = first.use()
    second = Process(words)
    both = first.use(), second.use()
    second.close()
    first.close()
    return alone, *both


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("build", type=Path)
    parser.add_argument("--precision", default="fp16,int8")
    parser.add_argument("--isa", default="auto")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--model", type=Path)
    options = parser.parse_args()
    build = options.build.resolve()
    print(
        "| model | file, MiB | ready, ms (of the processor) "
        "| first result behind it, ms (of the processor) | peak, MiB | own memory of one, MiB "
        "| added by a second, MiB (of the file) |"
    )
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        model = options.model or Path(folder) / "model.radie"
        if options.model is None:
            write_random_model(model)
        for precision in options.precision.split(","):
            packed = Path(folder) / f"{precision}.radie"
            subprocess.run(
                [
                    build / "bin/radie",
                    "pack",
                    "--model",
                    model,
                    "--output",
                    packed,
                    "--precision",
                    precision,
                    "--isa",
                    options.isa,
                ],
                check=True,
            )
            for name, file, access in (
                ("read", model, "read"),
                ("mapped", model, "map"),
                ("packed, read", packed, "read"),
                ("packed, mapped", packed, "map"),
            ):
                words = [str(build / "bin/load_model"), str(file), options.isa, precision, access]
                words.append(str(options.threads))
                rounds = [measure(words) for _ in range(1 + options.rounds)][1:]
                uses = [use for of_round in rounds for use in of_round[1:]]
                ready, ready_cpu = (
                    median(use.ready_ms for use in uses),
                    median(use.ready_cpu_ms for use in uses),
                )
                first, first_cpu = (
                    median(use.first_ms for use in uses),
                    median(use.first_cpu_ms for use in uses),
                )
                alone, _, second = rounds[-1]
                size = file.stat().st_size / MIB
                print(
                    f"| {precision}, {name} | {size:.0f} | {ready:.0f} ({ready_cpu:.0f}) "
                    f"| {first:.0f} ({first_cpu:.0f}) | {alone.peak:.0f} | {alone.own:.0f} "
                    f"| {second.own:.1f} ({second.own / size:.1%}) |",
                    flush=True,
                )
            packed.unlink()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
