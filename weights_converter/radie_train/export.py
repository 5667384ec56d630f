"""Checkpoint folders of trained stages, as `radie-convert build` reads them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from safetensors.torch import save_file
from torch import nn

from radie_train.models import RelationClassifier, Tagger
from radie_train.relation_data import CONTEXT_TOKENS
from radie_train.schema import ENTITY_LABELS, RELATION_LABELS, SCHEMA
from radie_train.vocabulary import CLS, SEP, UNK

_TEXT = {"normalization": "radiology-ja", "sentences": "radiology-ja"}
_TOKENIZER = {"profile": "char", "unk_token": UNK, "cls_token": CLS, "sep_token": SEP}


def export_tagger(folder: Path, model: Tagger, tokens: list[str]) -> None:
    """Writes stage 1's folder."""
    stage = {"head": "crf", "constrained": True}
    _write(folder, model, model.bert.config.to_json(), tokens, ENTITY_LABELS, {"entities": stage})


def export_relations(
    folder: Path, model: RelationClassifier, tokens: list[str], context: int = CONTEXT_TOKENS
) -> None:
    """Writes stage 2's folder."""
    stage = {
        "layout": "shared",
        "pooling": "both",
        "combine": "concat_product",
        "context_tokens": context,
        "scope": {"kind": "report"},
    }
    _write(
        folder, model, model.bert.config.to_json(), tokens, RELATION_LABELS, {"relations": stage}
    )


def _write(
    folder: Path,
    model: nn.Module,
    encoder: dict[str, Any],
    tokens: list[str],
    labels: tuple[str, ...],
    stage: dict[str, Any],
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    config = {
        "model_type": "bert",
        **encoder,
        "id2label": {str(i): label for i, label in enumerate(labels)},
        "label2id": {label: i for i, label in enumerate(labels)},
    }
    sidecar = {"text": _TEXT, "schema": SCHEMA, "tokenizer": _TOKENIZER, **stage}
    for name, content in (("config", config), ("radie", sidecar), ("vocab", tokens)):
        text = json.dumps(content, ensure_ascii=False, indent=1)
        (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    tensors = {name: t.contiguous().float() for name, t in model.state_dict().items()}
    save_file(tensors, folder / "model.safetensors")
