"""Both stages with random weights: checkpoints for PyTorch, model files for radie, and reports.

The reports are those of the written corpus. A random tagger finds nonsense, but it is made to find
about as much of it as the corpus has mentions (the bias of `O`), so that stage 2 has as many pairs.
"""

import json
from pathlib import Path
from typing import Any

import torch
from radie_convert.build import build_model
from radie_convert.model_file import read_model, write_model
from radie_train.inline_notation import read_corpus
from radie_train.schema import ENTITY_LABELS, ENTITY_TYPES, RELATION_LABELS, SCHEMA
from radie_train.text import normalize, split_sentences
from safetensors.torch import load_file, save_file
from torch import nn
from transformers import BertConfig, BertModel

from pipeline_paths import Paths
from prepare import SIZES

SEED = 20240502
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
MARKERS = {"head_start": "<{type}>", "head_end": "</{type}>"}
MENTIONS_A_CHARACTER = 0.15  # the corpus has 0.18
CONTEXT, SCOPE = 64, 40
"""Tokens beside a pair that are read, and between its mentions at most."""


def choose_reports(corpus: Path, count: int) -> list[str]:
    """Texts of `count` reports, taken from the corpus at even distances; normalised, so that all
    count the same characters."""
    reports = read_corpus(corpus)
    return [normalize(reports[i * len(reports) // count].text).text for i in range(count)]


def write_reports(texts: list[str], path: Path) -> None:
    lines = (json.dumps({"id": str(i), "text": t}, ensure_ascii=False) for i, t in enumerate(texts))
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def vocabulary(texts: list[str]) -> list[str]:
    characters = sorted({c for text in texts for c in text})
    markers = [MARKERS[key].format(type=t) for t in ENTITY_TYPES for key in MARKERS]
    return [*SPECIAL, *markers, *characters]


def config_of(size: str, rows: int) -> BertConfig:
    layers, hidden, heads, inner = SIZES[size]
    return BertConfig(
        vocab_size=rows,
        hidden_size=hidden,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        intermediate_size=inner,
    )


def prepare(paths: Paths, size: str, texts: list[str]) -> None:
    """Everything on disk; what is there is made anew."""
    torch.manual_seed(SEED)
    tokens = vocabulary(texts)
    config = config_of(size, len(tokens))
    _write_tagger(paths, config, tokens, texts)
    _write_relation(paths, config, tokens)
    write_reports(texts, paths.reports)
    build_model(paths.model("pair"), tagger=paths.tagger, relation=paths.relation)
    metadata, tensors = read_model(paths.model("pair"))
    for layout in ("tail", "levitated"):  # the same weights, read otherwise
        metadata["relations"]["layout"] = layout
        write_model(paths.model(layout), metadata, tensors)


def _write_tagger(paths: Paths, config: BertConfig, tokens: list[str], texts: list[str]) -> None:
    bert = BertModel(config, add_pooling_layer=False).eval()
    labels = len(ENTITY_LABELS)
    classifier = nn.Linear(config.hidden_size, labels)
    nn.init.normal_(classifier.weight, std=0.05)
    with torch.no_grad():
        bias = _bias_of_o(bert, classifier, tokens, texts[:4])
        classifier.bias.zero_()
        classifier.bias[0] = bias
    crf = {
        "crf.start_transitions": torch.randn(labels) * 0.1,
        "crf.end_transitions": torch.randn(labels) * 0.1,
        "crf.transitions": torch.randn(labels, labels) * 0.1,
    }
    tensors = {f"bert.{name}": t for name, t in bert.state_dict().items()} | crf
    tensors |= {f"classifier.{name}": t for name, t in classifier.state_dict().items()}
    stage = {"entities": {"head": "crf", "constrained": False}}
    _write(paths.tagger, tensors, config, tokens, ENTITY_LABELS, stage)


def _bias_of_o(
    bert: BertModel, classifier: nn.Linear, tokens: list[str], texts: list[str]
) -> float:
    """Such that as many characters' best label is another one as there are to be mentions."""
    ids = {token: i for i, token in enumerate(tokens)}
    gaps = []
    for text in texts:
        for start, end in split_sentences(text):
            sentence = [2, *(ids[c] for c in text[start:end]), 3]
            logits = classifier(bert(torch.tensor([sentence])).last_hidden_state[0, 1:-1])
            gaps.append(logits[:, 1:].max(dim=1).values - logits[:, 0])
    return float(torch.quantile(torch.cat(gaps), 1 - MENTIONS_A_CHARACTER))


def _write_relation(paths: Paths, config: BertConfig, tokens: list[str]) -> None:
    hidden = config.hidden_size
    bert = BertModel(config, add_pooling_layer=False)
    tensors = {f"bert.{name}": t for name, t in bert.state_dict().items()}
    for name, rows in (("dense", hidden), ("out_proj", len(RELATION_LABELS))):
        tensors[f"classifier.{name}.weight"] = torch.randn(rows, hidden) * 0.05
        tensors[f"classifier.{name}.bias"] = torch.zeros(rows)
    stage = {
        "layout": "pair",
        "markers": {
            f"{side}_{end}": MARKERS[f"head_{end}"]
            for side in ("head", "tail")
            for end in ("start", "end")
        },
        "pooling": "both",
        "combine": "mean",
        "context_tokens": CONTEXT,
        "scope": {"kind": "tokens", "limit": SCOPE},
    }
    _write(paths.relation, tensors, config, tokens, RELATION_LABELS, {"relations": stage})


def _write(
    folder: Path,
    tensors: dict[str, torch.Tensor],
    config: BertConfig,
    tokens: list[str],
    labels: tuple[str, ...],
    stage: dict[str, Any],
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    settings = config.to_dict() | {"id2label": {str(i): name for i, name in enumerate(labels)}}
    profile = {"profile": "char", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    text = {"normalization": "radiology-ja", "sentences": "radiology-ja"}
    sidecar = {"text": text, "schema": SCHEMA, "tokenizer": profile, **stage}
    for name, content in (("config", settings), ("vocab", tokens), ("radie", sidecar)):
        (folder / f"{name}.json").write_text(json.dumps(content, ensure_ascii=False))
    save_file({name: t.contiguous() for name, t in tensors.items()}, folder / "model.safetensors")


def load_tensors(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / "model.safetensors")
