"""Label schemes: from the labels of a checkpoint to those of a model file."""

from collections.abc import Mapping, Sequence

from radie_convert import schema as schemas
from radie_convert.errors import ConversionError

SCHEMES = ("iob2", "iob1", "io", "bioes")
PREFIXES = {"iob2": "BI", "iob1": "BI", "io": "I", "bioes": "BIES"}
OUTSIDE = "O"

# BILOU and BMES are BIOES with other letters.
_LETTERS = {"B": "B", "I": "I", "E": "E", "S": "S", "L": "E", "U": "S", "M": "I"}
# Labels that some training scripts give to special tokens and later sub-words.
_SPECIAL = {"X", "PAD", "CLS", "SEP", "<pad>", "<PAD>", "<s>", "</s>", "<START>", "<STOP>"}


def is_outside(label: str) -> bool:
    """Whether a label of a model file stands for no mention: `O`, or `[NAME]`."""
    return label == OUTSIDE or (len(label) > 2 and label[0] == "[" and label[-1] == "]")


def canonical_labels(
    labels: Sequence[str], scheme: str | None, origin: str
) -> tuple[list[str], str]:
    """The labels as a model file has them, and their scheme.

    Letters of BILOU and BMES become those of BIOES, types without a letter become `I-TYPE` (IO),
    and labels of special tokens are put in brackets. IOB1 and IOB2 look the same: IOB2 is taken
    unless `scheme` says otherwise.
    """
    if scheme is not None and scheme not in SCHEMES:
        raise ConversionError(f"{origin}: scheme is {scheme!r}; one of {', '.join(SCHEMES)}")
    named = [f"[{label}]" if label in _SPECIAL else label for label in labels]
    letters = {label[0] for label in named if _letter(label)}
    if (scheme == "io" and not letters & {"B", "E", "S", "L", "U"}) or not letters:
        return [_as_inside(label) for label in named], "io"
    found = scheme or _scheme_of(letters)
    if found == "bioes":
        named = [_LETTERS[x[0]] + x[1:] if _letter(x) else x for x in named]
    return named, found


def check_labels(labels: Sequence[str], scheme: str, schema: schemas.Schema, origin: str) -> None:
    """Every label is one of the scheme, with a type of the schema; one `O`, none twice."""
    types = schemas.entity_types(schema)
    known = ", ".join(["O", *(f"{letter}-TYPE" for letter in PREFIXES[scheme])])
    for label in labels:
        letter, _, kind = label.partition("-")
        if not is_outside(label) and (letter not in tuple(PREFIXES[scheme]) or kind not in types):
            raise ConversionError(
                f"{origin}: label {label!r} is none of {known} with a TYPE of the schema "
                f"({', '.join(types)}); --labels gives other labels, --schema another schema"
            )
        if scheme == "iob2" and letter == "I" and f"B-{kind}" not in labels:
            raise ConversionError(f"{origin}: label {label!r} has no B-{kind} beside it")
    if OUTSIDE not in labels or len(set(labels)) != len(labels):
        raise ConversionError(f"{origin}: labels need one O and no repetition, found {labels}")


def config_labels(config: Mapping[str, object]) -> list[str] | None:
    """The config's `id2label` by output index; None when it has none that numbers 0, 1, 2 …"""
    by_id = config.get("id2label")
    if not isinstance(by_id, dict):
        return None
    if sorted(by_id) != sorted(str(i) for i in range(len(by_id))):
        return None
    return [str(by_id[str(i)]) for i in range(len(by_id))]


def is_placeholder(labels: Sequence[str]) -> bool:
    """Whether these are the names that transformers makes up: LABEL_0, LABEL_1, …"""
    return list(labels) == [f"LABEL_{i}" for i in range(len(labels))]


def _letter(label: str) -> bool:
    return len(label) > 2 and label[1] == "-" and label[0] in _LETTERS


def _as_inside(label: str) -> str:
    return label if is_outside(label) or label.startswith("I-") else "I-" + label


def _scheme_of(letters: set[str]) -> str:
    if letters & {"E", "S", "L", "U", "M"}:
        return "bioes"
    return "iob2" if "B" in letters else "io"
