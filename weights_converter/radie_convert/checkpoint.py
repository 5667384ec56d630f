"""Reading a checkpoint: a folder as transformers' `save_pretrained` leaves it, or a weights file.

Its tensors come out under the names of a `BertFor…` model (`bert.…`, `classifier.…`, `crf.…`),
in float32, whatever encoder they belong to and whatever wrapper they were saved in.
"""

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from radie_convert.arrays import Tensors, as_float32
from radie_convert.errors import ConversionError
from radie_convert.jsonfile import optional_json, read_json_object
from radie_convert.layouts import as_bert
from radie_convert.names import canonical_names
from radie_convert.sentencepiece import pieces_of, read_sentencepiece, transformers_vocab
from radie_convert.tokenizer import SENTENCEPIECE, tokenizer_class
from radie_convert.vocab import added_tokens, read_vocab
from radie_convert.weights import find_weights, read_weights

SIDECAR = "radie.json"
CONFIG = "config.json"


@dataclass(frozen=True)
class SourceFile:
    """One weights file: its name without folders and the SHA-256 of its bytes."""

    name: str
    sha256: str


@dataclass(frozen=True)
class Checkpoint:
    """What a checkpoint holds."""

    path: Path
    config: dict[str, Any]
    """Under the names of a BERT config."""
    tensors: Tensors
    """Float32 tensors under their `BertFor…` names."""
    vocab: list[str] | None
    """The vocabulary, position = id; None when the folder has none."""
    sidecar: dict[str, Any] = field(default_factory=dict)
    """The folder's `radie.json`; empty when there is none."""
    tokenizer_config: dict[str, Any] = field(default_factory=dict)
    sources: tuple[SourceFile, ...] = ()
    sentencepiece: bytes | None = None
    """The SentencePiece model whose pieces the vocabulary is made of, if it is."""
    kind: str = "bert"
    """What encoder it was: `bert`, `roberta`, `distilbert`, `electra`, …"""
    prefix: str = "bert."
    """What stood before the encoder's tensor names."""
    dropped: tuple[str, ...] = ()
    """Tensors, under their own names, that radie does not compute with."""
    notes: tuple[str, ...] = ()
    """What was changed in reading, for people."""
    position_offset: int | None = None
    """The row of the first position, where the sidecar gives it: not the kind's usual one."""


def read_checkpoint(
    path: str | os.PathLike[str], base: str | os.PathLike[str] | None = None
) -> Checkpoint:
    """Reads config, weights, vocabulary and sidecar of a checkpoint: a folder, or a weights file.

    A file's config, vocabulary and sidecar stand beside it. `base` is a folder that gives config
    and vocabulary where the checkpoint has none of its own, as that of the pretrained model does.
    """
    given = Path(path)
    if not given.exists():
        raise ConversionError(f"checkpoint {given} is neither a folder nor a file")
    folder = given if given.is_dir() else given.parent
    places = [folder] if base is None else [folder, Path(base)]
    config = _config(places)
    files = find_weights(given)
    renamed = canonical_names(read_weights(files))
    # Before anything is computed from them, so that the name is the checkpoint's own.
    tensors = {name: as_float32(name, t) for name, t in renamed.tensors.items()}
    sidecar = optional_json(folder / SIDECAR)
    offset = _position_offset(sidecar, given)
    encoder = as_bert(config, tensors, renamed, str(given), offset)
    tokenizer_config = next(filter(None, map(_tokenizer_config, places)), {})
    vocab, sentencepiece = _read_texts(places, config, tokenizer_config, sidecar)
    return Checkpoint(
        path=given,
        config=encoder.config,
        tensors=encoder.tensors,
        vocab=vocab,
        sidecar=sidecar,
        tokenizer_config=tokenizer_config,
        sources=tuple(SourceFile(file.name, _sha256(file)) for file in files),
        sentencepiece=sentencepiece,
        kind=encoder.kind,
        prefix=renamed.prefix,
        dropped=renamed.dropped,
        notes=encoder.notes,
        position_offset=offset,
    )


def _position_offset(sidecar: dict[str, Any], path: Path) -> int | None:
    """What `encoder.position_offset` of the sidecar says."""
    encoder = sidecar.get("encoder", {})
    offset = encoder.get("position_offset") if isinstance(encoder, dict) else encoder
    if offset is not None and (not isinstance(offset, int) or isinstance(offset, bool)):
        raise ConversionError(
            f"{path}: encoder.position_offset of radie.json is {offset!r}, expected a whole number"
        )
    return offset


def _config(places: list[Path]) -> dict[str, Any]:
    for folder in places:
        if (folder / CONFIG).is_file():
            return read_json_object(folder / CONFIG)
    raise ConversionError(
        f"{places[0] / CONFIG} is missing: the number of attention heads and the activation do not "
        "stand in the weights; give the pretrained model's folder with --base"
    )


def _tokenizer_config(folder: Path) -> dict[str, Any]:
    return optional_json(folder / "tokenizer_config.json")


def _read_texts(
    places: list[Path],
    config: dict[str, Any],
    tokenizer_config: dict[str, Any],
    sidecar: dict[str, Any],
) -> tuple[list[str] | None, bytes | None]:
    """The vocabulary, and the SentencePiece model it comes from."""
    kind = tokenizer_class(tokenizer_config, config)
    wanted = sidecar.get("tokenizer")
    if isinstance(wanted, dict) and wanted:
        uses_pieces = wanted.get("profile") == SENTENCEPIECE
    else:
        uses_pieces = kind in ("T5Tokenizer", "XLMRobertaTokenizer")
    if not uses_pieces:
        return next((v for v in map(read_vocab, places) if v is not None), None), None
    for folder in places:
        model = read_sentencepiece(folder)
        if model is not None:
            pieces = pieces_of(model, str(folder))
            extra_ids = tokenizer_config.get("extra_ids", 100) if kind == "T5Tokenizer" else 0
            added = added_tokens(folder, tokenizer_config)
            return transformers_vocab(kind, pieces, int(extra_ids or 0), added), model
    raise ConversionError(
        f"{places[0]} has no spiece.model; put the one that came with the pretrained model there"
    )


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
