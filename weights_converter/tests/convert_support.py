"""Checkpoints made of random numbers, for the converter's tests; needs no PyTorch."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy

from radie_convert.arrays import Tensors
from radie_convert.encoder import encoder_shapes
from radie_convert.schema import default_schema, entity_types

CONFIG: dict[str, Any] = {
    "model_type": "bert",
    "hidden_size": 8,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 12,
    "max_position_embeddings": 20,
    "type_vocab_size": 2,
    "hidden_act": "gelu",
    "layer_norm_eps": 1e-12,
}
TYPES = entity_types(default_schema())
ENTITY_LABELS = ["O", *(f"{p}-{t}" for t in TYPES for p in "BI")]
RELATION_LABELS = ["none", "modify", "evidence"]
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
MARKERS = [m for t in TYPES for m in (f"<{t}>", f"</{t}>")]
VOCAB = [*SPECIAL, "肺", "肝", "\n", *MARKERS]


def encoder_tensors(rows: int = len(VOCAB), seed: int = 0) -> Tensors:
    """A random encoder under its `bert.` names."""
    rng = np.random.default_rng(seed)
    shapes = encoder_shapes({**CONFIG, "vocab_size": rows})
    return {n: rng.normal(size=s).astype(np.float32) for n, s in sorted(shapes.items())}


def tagger_tensors(crf: bool = True) -> Tensors:
    """A random tagger."""
    count = len(ENTITY_LABELS)
    rng = np.random.default_rng(1)
    tensors = encoder_tensors()
    shapes: dict[str, tuple[int, ...]] = {
        "classifier.weight": (count, 8),
        "classifier.bias": (count,),
    }
    if crf:
        shapes["crf.start_transitions"] = shapes["crf.end_transitions"] = (count,)
        shapes["crf.transitions"] = (count, count)
    tensors.update({n: rng.normal(size=s).astype(np.float32) for n, s in shapes.items()})
    return tensors


def relation_tensors(width: int = 8, inner: int = 6) -> Tensors:
    """A random relation classifier."""
    rng = np.random.default_rng(2)
    shapes = {
        "classifier.dense.weight": (inner, width),
        "classifier.dense.bias": (inner,),
        "classifier.out_proj.weight": (3, inner),
        "classifier.out_proj.bias": (3,),
    }
    return encoder_tensors() | {n: rng.normal(size=s).astype(np.float32) for n, s in shapes.items()}


def write_checkpoint(
    folder: Path,
    tensors: Tensors,
    labels: list[str] | None = None,
    sidecar: dict[str, Any] | None = None,
    vocab: list[str] | None = VOCAB,
    config: dict[str, Any] | None = None,
) -> Path:
    """Writes a checkpoint folder and returns it."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = {**CONFIG, **(config or {})}
    if labels is not None:
        settings["id2label"] = {str(i): label for i, label in enumerate(labels)}
    (folder / "config.json").write_text(json.dumps(settings), encoding="utf-8")
    safetensors.numpy.save_file(dict(tensors), str(folder / "model.safetensors"))
    if vocab is not None:
        (folder / "vocab.json").write_text(json.dumps(vocab), encoding="utf-8")
    if sidecar is None:
        sidecar = {"tokenizer": {"profile": "char"}}
    (folder / "radie.json").write_text(json.dumps(sidecar), encoding="utf-8")
    return folder


def write_tagger(folder: Path, **more: Any) -> Path:
    """A checkpoint folder of a tagger with a CRF."""
    return write_checkpoint(folder, tagger_tensors(), ENTITY_LABELS, **more)


def write_relation(folder: Path, **more: Any) -> Path:
    """A checkpoint folder of a relation classifier with the default settings."""
    return write_checkpoint(folder, relation_tensors(), RELATION_LABELS, **more)
