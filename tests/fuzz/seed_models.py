"""Tiny models for fuzz targets: whole ones of either stage, a header alone, tensors alone, and the
model of a SentencePiece tokeniser.
"""

import struct

from seed_model_file import Model

SCHEMA = {
    "name": "two",
    "entity_types": [
        {"name": "Obj", "role": "object", "certainty": "likely"},
        {"name": "Att", "role": "attribute"},
    ],
    "relation_types": [
        {"name": "modify", "heads": ["Att"], "tails": ["Obj"]},
        {"name": "evidence", "heads": ["Obj"], "tails": ["Obj"]},
    ],
}
MARKERS = {
    "head_start": "<{type}>",
    "head_end": "</{type}>",
    "tail_start": "<{type}>",
    "tail_end": "</{type}>",
}
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "<Obj>", "</Obj>", "<Att>", "</Att>"]


def encoder(hidden: int, vocabulary: int, positions: int, types: int = 2) -> dict[str, object]:
    return {
        "hidden_size": hidden,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": hidden,
        "vocab_size": vocabulary,
        "max_position_embeddings": positions,
        "type_vocab_size": types,
        "hidden_act": "gelu",
        "layer_norm_eps": 1e-5,
    }


def tokenizer(name: str) -> dict[str, object]:
    return {
        "profile": "char",
        "vocab": name,
        "unk_token": "[UNK]",
        "cls_token": "[CLS]",
        "sep_token": "[SEP]",
    }


def whole_model(
    hidden: int,
    tokens: list[str],
    stages: str,
    layout: str = "pair",
    head: str = "crf",
    packed: tuple[int, bool] | None = None,
) -> bytes:
    """Stages: any of "e" (entities), "r" (relations); or "n", an encoder alone.

    `packed`: width of panels, int8?
    """
    model = Model(len(tokens) * 7 + hidden)
    meta = model.metadata
    meta["model"] = {
        "name": "tiny",
        "version": "1",
        "license": "Apache-2.0",
        "description": "random weights",
        "sources": [],
    }
    meta["text"] = {"normalization": "radiology-ja", "sentences": "radiology-ja"}
    meta["vocab.v"] = SPECIAL + tokens
    size = encoder(hidden, len(SPECIAL) + len(tokens), 24, 6)
    if "n" in stages:
        meta["encoder"] = {"encoder": size, "tokenizer": tokenizer("v")}
        model.add_encoder("encoder", size)
        return model.bytes()
    meta["schema"] = SCHEMA
    if "e" in stages:
        labels = ["O", "B-Obj", "I-Obj", "B-Att", "I-Att"]
        meta["entities"] = {
            "encoder": size,
            "tokenizer": tokenizer("v"),
            "labels": labels,
            "head": head,
        }
        model.add_encoder("entities", size)
        model.add_linear("entities.classifier", len(labels), hidden)
        if head == "crf":
            model.add("entities.crf.start_transitions", [5])
            model.add("entities.crf.end_transitions", [5])
            model.add("entities.crf.transitions", [5, 5])
    if "r" in stages:
        meta["relations"] = {
            "encoder": size,
            "tokenizer": tokenizer("v"),
            "labels": ["none", "modify", "evidence"],
            "layout": layout,
            "pooling": "both",
            "combine": "concat",
            "context_tokens": 6,
            "scope": {"kind": "tokens", "limit": 12},
            "temperature": 1.5,
        }
        if layout != "shared":
            meta["relations"]["markers"] = MARKERS
        model.add_encoder("relations", size)
        model.add_linear("relations.classifier.dense", 3, 2 * hidden)
        model.add_linear("relations.classifier.out_proj", 3, 3)
    if packed:
        model.pack(*packed)
    return model.bytes()


def metadata_only(changes: dict[str, object]) -> bytes:
    """The header of a model with both stages; no tensors."""
    model = Model(0)
    tokens = [*SPECIAL, "a", "b"]
    stage = {"encoder": encoder(4, len(tokens), 16), "tokenizer": tokenizer("v")}
    model.metadata |= {
        "model": {
            "name": "m",
            "version": "1",
            "license": "l",
            "description": "d",
            "sources": [{"role": "entities", "file": "a.bin", "sha256": "00ff"}],
        },
        "text": {
            "normalization": ["nfkc", {"h2z": ["kana"]}, {"cut_header": "^A+"}],
            "sentences": "none",
        },
        "schema": SCHEMA,
        "entities": stage | {"labels": ["O", "B-Obj", "I-Obj", "B-Att", "I-Att"], "head": "crf"},
        "relations": stage
        | {
            "labels": ["none", "modify", "evidence"],
            "layout": "tail",
            "markers": MARKERS,
            "pooling": "both",
            "combine": "concat",
            "context_tokens": 6,
            "scope": {"kind": "sentence"},
        },
        "vocab.v": tokens,
    }
    model.metadata |= changes
    return model.bytes()


def plain_tensors() -> bytes:
    model = Model(3)
    model.metadata = {"a": "b"}
    model.add("w", [2, 3])
    model.add("b", [3])
    model.add("s", [])
    return model.bytes()


def sentencepiece(
    kind: int = 1,
    pieces: tuple[str, ...] = ("\u2581", "結節", "結", "節", "a", "b", "ab", "\u2581a"),
) -> bytes:
    def field(number: int, data: bytes) -> bytes:
        return bytes([number << 3 | 2, len(data)]) + data

    model = field(1, field(1, b"<unk>") + b"\x15" + struct.pack("<f", 0) + b"\x18\x02")
    for rank, piece in enumerate(pieces):
        model += field(1, field(1, piece.encode()) + b"\x15" + struct.pack("<f", -1.0 - rank))
    return (
        model
        + field(2, bytes([3 << 3, kind]))
        + field(3, field(1, b"identity") + b"\x18\x01\x20\x01")
    )
