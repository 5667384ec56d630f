"""Reading a SentencePiece model's pieces, without its library: fields of a protocol buffer."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from radie_convert.errors import ConversionError

MAX_BYTES = 32 << 20
_NAMES = ("spiece.model", "sentencepiece.bpe.model", "sentencepiece.model", "spm.model")


def read_sentencepiece(folder: Path) -> bytes | None:
    """The model's bytes, or None when the folder has none."""
    for name in _NAMES:
        path = folder / name
        if path.is_file():
            data = path.read_bytes()
            if len(data) > MAX_BYTES:
                raise ConversionError(f"{path} has {len(data)} bytes, at most {MAX_BYTES}")
            return data
    return None


def pieces_of(model: bytes, origin: str) -> list[str]:
    """The pieces in order of their ids. A damaged model, or one that is not Unigram, is refused."""
    pieces = []
    algorithm = 1
    try:
        for number, value in _fields(model):
            if number == 1 and isinstance(value, bytes):
                fields = dict(_fields(value))
                pieces.append(_text(fields.get(1)))
            elif number == 2 and isinstance(value, bytes):
                algorithm = int(dict(_fields(value)).get(3, 1))
    except (IndexError, ValueError, UnicodeDecodeError) as error:
        raise ConversionError(f"{origin}: its SentencePiece model is damaged: {error}") from error
    if not pieces:
        raise ConversionError(f"{origin}: its SentencePiece model has no piece")
    if algorithm != 1:
        raise ConversionError(
            f"{origin}: its SentencePiece model's algorithm is number {algorithm}; only "
            "Unigram (1) is supported"
        )
    return pieces


def transformers_vocab(
    kind: str, pieces: Sequence[str], extra_ids: int, added: Sequence[str]
) -> list[str]:
    """The vocabulary that a transformers class makes of the pieces."""
    if kind == "XLMRobertaTokenizer":
        vocab = ["<s>", "<pad>", "</s>", "<unk>", *pieces[3:], "<mask>"]
    else:
        vocab = list(pieces)
    extra = [f"<extra_id_{i}>" for i in range(extra_ids - 1, -1, -1)]
    for later in (extra, added):
        known = set(vocab)
        vocab += [token for token in later if token not in known]
    return vocab


def _text(value: object) -> str:
    if not isinstance(value, bytes):
        raise ValueError("a piece without text")
    return value.decode("utf-8")


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Number and value of each field: an integer, or the bytes of anything longer."""
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        kind = tag & 7
        if kind == 0:
            value, at = _varint(data, at)
            yield tag >> 3, value
            continue
        if kind == 2:
            size, at = _varint(data, at)
        elif kind in (1, 5):
            size = 8 if kind == 1 else 4
        else:
            raise ValueError(f"a field of kind {kind}")
        if size > len(data) - at:
            raise ValueError("a field is cut off")
        yield tag >> 3, data[at : at + size]
        at += size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 64, 7):
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise ValueError("a number of more than 64 bits")
