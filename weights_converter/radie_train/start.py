"""What training starts from: a model file, a transformers checkpoint folder, or nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from radie_convert.arrays import Tensors
from radie_convert.checkpoint import Checkpoint, read_checkpoint
from radie_convert.encoder import check_tensors, encoder_settings, encoder_shapes
from radie_convert.model_file import read_unpacked_model
from radie_convert.tokenizer import tokenizer_settings
from radie_train.encoder import EncoderConfig
from radie_train.errors import TrainError
from radie_train.growth import grow_token_types, grow_vocabulary
from radie_train.models import RelationClassifier, Tagger
from radie_train.relation_data import CONTEXT_TOKENS
from radie_train.schema import ENTITY_LABELS, RELATION_LABELS, SCHEMA
from radie_train.shared_layout import TOKEN_TYPES
from radie_train.vocabulary import CLS, PAD, SEP, UNK

STAGES = ("tagger", "relation")
POSITIONS = 512
"""What the samples of both stages need of an encoder."""
_TEXT = {"normalization": "radiology-ja", "sentences": "radiology-ja"}
_TABLE = "bert.embeddings.token_type_embeddings.weight"


@dataclass
class Start:
    """Both stages, as far as there are, over one vocabulary."""

    tokens: list[str]
    tagger: Tagger | None = None
    relation: RelationClassifier | None = None
    context: int = CONTEXT_TOKENS
    """Reach of the relation stage as it stands."""
    new_heads: set[str] = field(default_factory=set)
    """Stages whose head begins anew behind an encoder that was taken over."""
    name: str = "nothing"
    sha256: str = ""
    license: str = ""
    dtype: str = "fp32"
    notes: list[str] = field(default_factory=list)
    """What the user should know: what was taken over, what begins anew."""

    def grow(self, characters: Sequence[str], trained: Sequence[str]) -> None:
        """Appends characters to the vocabulary of both stages."""
        for stage, model in (("tagger", self.tagger), ("relation", self.relation)):
            if model is not None and characters:
                grow_vocabulary(model, self.tokens, len(characters), stage in trained)
        self.tokens = [*self.tokens, *characters]


def from_model_file(path: Path) -> Start:
    """Every stage of a model file that this recipe could have written."""
    metadata, tensors = read_unpacked_model(path)
    origin = str(path)
    stages = [name for name in ("entities", "relations") if name in metadata]
    if not stages:
        raise TrainError(f"{origin}: holds neither entities nor relations")
    _require(origin, "text", metadata.get("text"), _TEXT)
    _require(origin, "schema", _plain_schema(metadata.get("schema")), _plain_schema(SCHEMA))
    vocabularies = [_vocabulary(metadata, name, origin) for name in stages]
    if vocabularies[1:] and vocabularies[0] != vocabularies[1]:
        raise TrainError(f"{origin}: its stages have different vocabularies; one is supported")
    about = metadata.get("model", {})
    start = Start(
        vocabularies[0],
        name=str(about.get("name") or path.stem),
        sha256=_sha256(path),
        license=str(about.get("license", "")),
        dtype="fp16" if all(t.dtype.name == "float16" for t in tensors.values()) else "fp32",
    )
    if "entities" in stages:
        stage = metadata["entities"]
        _require_all(origin, "entities", stage, _TAGGER_SETTINGS)
        start.tagger = Tagger(_encoder(origin, stage["encoder"]))
        start.tagger.load_state_dict(_state("entities", tensors))
    if "relations" in stages:
        stage = metadata["relations"]
        _require_all(origin, "relations", stage, _RELATION_SETTINGS)
        start.context = int(stage["context_tokens"])
        start.relation = RelationClassifier(_encoder(origin, stage["encoder"]))
        start.relation.load_state_dict(_state("relations", tensors))
    return start


_TAGGER_SETTINGS = {"labels": list(ENTITY_LABELS), "head": "crf", "constrained": True}
_RELATION_SETTINGS = {
    "labels": list(RELATION_LABELS),
    "layout": "shared",
    "pooling": "both",
    "combine": "concat_product",
    "scope": {"kind": "report"},
}


def from_checkpoint(folder: Path, stages: Sequence[str]) -> Start:
    """The stages wanted, each with the folder's encoder, and its head where that fits."""
    checkpoint = read_checkpoint(folder)
    origin = str(folder)
    for key, value in (checkpoint.sidecar.get("text") or {}).items():
        if key in _TEXT:
            _require(origin, f"radie.json text {key}", value, _TEXT[key])
    settings = encoder_settings(checkpoint.config, checkpoint.tensors, origin)
    encoder = {
        name: tensor
        for name, tensor in checkpoint.tensors.items()
        if name.startswith("bert.") and not name.startswith("bert.pooler.")
    }
    check_tensors(encoder, encoder_shapes(settings), origin)
    start = Start(
        _checkpoint_vocabulary(checkpoint),
        name=folder.name,
        sha256=checkpoint.sources[0].sha256,
        license=str(checkpoint.config.get("license", "")),
    )
    _require(origin, "number of tokens", len(start.tokens), settings["vocab_size"])
    config = _encoder(origin, settings)
    if "tagger" in stages:
        start.tagger = Tagger(config)
        _fill(start, "tagger", start.tagger, checkpoint, encoder, ENTITY_LABELS)
    if "relation" in stages:
        types = max(config.type_vocab_size, TOKEN_TYPES)
        start.relation = RelationClassifier(
            EncoderConfig(**{**config.to_json(), "type_vocab_size": types})
        )
        _fill(start, "relation", start.relation, checkpoint, encoder, RELATION_LABELS)
    return start


def _fill(
    start: Start,
    stage: str,
    model: Tagger | RelationClassifier,
    checkpoint: Checkpoint,
    encoder: Tensors,
    labels: Sequence[str],
) -> None:
    state = model.state_dict()
    own = {name: _tensor(array) for name, array in encoder.items()}
    if len(own[_TABLE]) < len(state[_TABLE]):
        own[_TABLE] = grow_token_types(own[_TABLE], len(state[_TABLE]))
        start.notes.append(f"{stage}: token types that the encoder lacks begin anew")
    head = {
        name: _tensor(array)
        for name, array in checkpoint.tensors.items()
        if not name.startswith("bert.")
    }
    shapes = {name: t.shape for name, t in state.items() if not name.startswith("bert.")}
    by_id = checkpoint.config.get("id2label") or {}
    named = [by_id.get(str(i)) for i in range(len(labels))] == list(labels)
    taken = named and {name: t.shape for name, t in head.items()} == shapes
    if stage == "relation":
        settings = checkpoint.sidecar.get("relations", {})
        taken = taken and settings.get("layout") == "shared"
        if taken:
            start.context = int(settings.get("context_tokens", CONTEXT_TOKENS))
    if taken:
        own |= head
    else:
        start.new_heads.add(stage)
        start.notes.append(f"{stage}: the encoder is taken over, the head begins anew")
    model.load_state_dict({**state, **own})


def from_scratch(configs: Mapping[str, EncoderConfig], tokens: list[str]) -> Start:
    """Stages of random weights."""
    return Start(
        tokens,
        tagger=Tagger(configs["tagger"]) if "tagger" in configs else None,
        relation=RelationClassifier(configs["relation"]) if "relation" in configs else None,
    )


def _encoder(origin: str, settings: Mapping[str, Any]) -> EncoderConfig:
    _require(origin, "encoder hidden_act", settings["hidden_act"], "gelu")
    _require(origin, "encoder embedding_size", settings.get("embedding_size"), None)
    if settings["max_position_embeddings"] < POSITIONS:
        raise TrainError(
            f"{origin}: the encoder has {settings['max_position_embeddings']} positions; "
            f"training needs {POSITIONS}"
        )
    names = EncoderConfig.__dataclass_fields__
    return EncoderConfig(**{key: value for key, value in settings.items() if key in names})


def _vocabulary(metadata: Mapping[str, Any], stage: str, origin: str) -> list[str]:
    tokenizer = metadata[stage]["tokenizer"]
    wanted = {"profile": "char", "unk_token": UNK, "cls_token": CLS, "sep_token": SEP}
    _require_all(origin, f"{stage} tokenizer", tokenizer, wanted)
    return _with_special(list(metadata["vocab." + tokenizer["vocab"]]), origin)


def _checkpoint_vocabulary(checkpoint: Checkpoint) -> list[str]:
    origin = str(checkpoint.path)
    if checkpoint.vocab is None:
        raise TrainError(f"{origin}: has no vocab.json, vocab.txt or tokenizer.json")
    settings = tokenizer_settings(
        checkpoint.sidecar.get("tokenizer"),
        checkpoint.tokenizer_config,
        checkpoint.vocab,
        "entities",
        origin,
        checkpoint.config,
    )
    if settings["profile"] == "bert-ja-char" and settings["word_tokenizer"] == "none":
        settings["profile"] = "char"  # the same behind the recipe's own normalisation
    wanted = {"profile": "char", "unk_token": UNK, "cls_token": CLS, "sep_token": SEP}
    _require_all(origin, "tokenizer", settings, wanted)
    return _with_special(list(checkpoint.vocab), origin)


def _with_special(tokens: list[str], origin: str) -> list[str]:
    for token in (PAD, UNK, CLS, SEP):
        if token not in tokens:
            raise TrainError(f"{origin}: its vocabulary has no {token}, which training needs")
    return tokens


def _plain_schema(schema: Any) -> Any:
    """What a schema says, whatever it is called; None when it is none."""
    if not isinstance(schema, Mapping):
        return None
    return {key: schema.get(key) for key in ("entity_types", "relation_types")}


def _require_all(
    origin: str, stage: str, found: Mapping[str, Any], wanted: Mapping[str, Any]
) -> None:
    for key, value in wanted.items():
        _require(origin, f"{stage} {key}", found.get(key), value)


def _require(origin: str, what: str, found: Any, wanted: Any) -> None:
    if found != wanted:
        shown = f"is {found!r}" if isinstance(found, str | int | None) else "is another one"
        raise TrainError(f"{origin}: {what} {shown}; training supports {wanted!r} only")


def _state(stage: str, tensors: Tensors) -> dict[str, Tensor]:
    return {
        name.removeprefix(stage + "."): _tensor(tensor)
        for name, tensor in tensors.items()
        if name.startswith(stage + ".")
    }


def _tensor(array: Any) -> Tensor:
    return torch.from_numpy(array.copy()).float()


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
