"""Tiny reports and models for the tests of fine-tuning."""

from __future__ import annotations

from pathlib import Path

import torch

from radie_convert.build import BuildOptions, build_model
from radie_train.encoder import EncoderConfig
from radie_train.export import export_relations, export_tagger
from radie_train.inline_notation import parse
from radie_train.models import RelationClassifier, Tagger
from radie_train.relation_data import CONTEXT_TOKENS
from radie_train.report import Report, write_jsonl
from radie_train.shared_layout import TOKEN_TYPES
from radie_train.vocabulary import build_vocabulary

NOTATION = """=== X01-01
⟦A1:右肺⟧に⟦S1:12mm大⟧の⟦O1:結節⟧を⟦C1:認めます⟧。⟦F1:肺癌⟧を⟦C2:疑います⟧。
---
A1 S1 C1 > O1
C2 > F1
O1 => F1

=== X01-02
⟦A1:肝⟧に⟦O1:低吸収域⟧を⟦C1:認めます⟧。
---
A1 C1 > O1

=== X01-03
⟦A1:左肺⟧の⟦O1:腫瘤⟧は⟦H1:増大⟧しています。
---
A1 H1 > O1

=== X01-04
⟦O1:胸水⟧は⟦C1:認めません⟧。
---
C1 > O1
"""


def tiny_reports(count: int = 4) -> list[Report]:
    """Short reports, each under an id of its own."""
    reports = parse(NOTATION)
    return [
        Report(f"r{i + 1}", r.text, r.entities, r.relations)
        for i, r in ((i, reports[i % len(reports)]) for i in range(count))
    ]


def tiny_config(tokens: int, stage: str) -> EncoderConfig:
    """One layer of 16, with the positions that training asks for."""
    types = TOKEN_TYPES if stage == "relation" else 2
    return EncoderConfig(tokens, 16, 1, 2, 32, 512, types, rope_theta=1000.0)


def tiny_model(
    path: Path,
    texts: list[str] | None = None,
    dtype: str = "fp16",
    context: int = CONTEXT_TOKENS,
) -> Path:
    """A model file of random weights, of the recipe's layout."""
    texts = [r.text for r in parse(NOTATION)] if texts is None else texts
    tokens = build_vocabulary(texts)
    torch.manual_seed(5)
    work = path.parent / (path.stem + "-parts")
    export_tagger(work / "tagger", Tagger(tiny_config(len(tokens), "tagger")), tokens)
    relation = RelationClassifier(tiny_config(len(tokens), "relation"))
    export_relations(work / "relation", relation, tokens, context)
    build_model(
        path,
        tagger=work / "tagger",
        relation=work / "relation",
        options=BuildOptions(name="tiny", license="CC0-1.0", dtype=dtype),
    )
    return path


def write_reports(path: Path, reports: list[Report]) -> Path:
    """The reports as JSON Lines."""
    write_jsonl(path, reports)
    return path
