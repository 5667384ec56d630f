"""Tagging heads: a linear layer, and the CRF of any of three libraries or none."""

from dataclasses import dataclass

import numpy as np

from radie_convert.arrays import Tensors
from radie_convert.errors import ConversionError

START, END, STEPS = "crf.start_transitions", "crf.end_transitions", "crf.transitions"
_MASK = "_constraint_mask"
# By the last part of a name: what it is here.
_PYTORCH_CRF = {"start_transitions": START, "end_transitions": END, "transitions": STEPS}
_TORCHCRF = {"start_trans": START, "end_trans": END, "trans_matrix": STEPS}
_FORBIDDEN = -10000.0
"""What AllenNLP adds to a step that its constraints rule out."""


@dataclass(frozen=True)
class TaggerHead:
    """A tagger's head under the names of a model file."""

    kind: str
    """`softmax`, `pytorch-crf`, `TorchCRF` or `AllenNLP CRF`."""
    tensors: Tensors
    """All of the checkpoint's tensors, the head's as `classifier.…` and `crf.…`."""
    notes: tuple[str, ...] = ()
    """What was changed, for people."""

    @property
    def has_crf(self) -> bool:
        """Whether its decisions are a CRF's."""
        return self.kind != "softmax"


def canonical_head(tensors: Tensors, origin: str) -> TaggerHead:
    """Finds the head among a checkpoint's tensors, by names and shapes."""
    encoder = {name: t for name, t in tensors.items() if name.startswith("bert.")}
    head = {name: t for name, t in tensors.items() if name not in encoder}
    kind, crf, rest = _split_crf(head, origin)
    linear, notes = _linear(rest)
    if kind == "AllenNLP CRF":
        notes.append("the constraint mask is put into the transitions")
    return TaggerHead(kind, encoder | crf | linear, tuple(notes))


def _split_crf(head: Tensors, origin: str) -> tuple[str, Tensors, Tensors]:
    """The kind of CRF, its tensors under their names here, and all others."""
    parts = {name: name.rpartition(".") for name in head}
    own = {
        name for name, (_, _, last) in parts.items() if last in {*_PYTORCH_CRF, *_TORCHCRF, _MASK}
    }
    rest = {name: tensor for name, tensor in head.items() if name not in own}
    if not own:
        return "softmax", {}, rest
    scopes = sorted({parts[name][0] for name in own})
    if len(scopes) > 1:
        raise ConversionError(f"{origin}: more than one CRF: {', '.join(map(repr, scopes))}")
    found = {parts[name][2]: head[name] for name in own}
    mask = found.pop(_MASK, None)
    kind, names = "pytorch-crf", _PYTORCH_CRF
    if found.keys() & _TORCHCRF.keys():
        kind, names = "TorchCRF", _TORCHCRF
    if missing := [name for name in names if name not in found]:
        raise ConversionError(
            f"{origin}: its CRF lacks {', '.join(missing)}; a CRF of pytorch-crf, TorchCRF or "
            "AllenNLP has scores for the start, the end and each step from label to label"
        )
    crf = {names[last]: tensor for last, tensor in found.items() if last in names}
    labels = len(crf[START]) if crf[START].ndim == 1 else 0
    if crf[END].shape != (labels,) or crf[STEPS].shape != (labels, labels):
        raise ConversionError(
            f"{origin}: the sizes of its CRF do not fit each other: start "
            f"{list(crf[START].shape)}, end {list(crf[END].shape)}, "
            f"steps {list(crf[STEPS].shape)}"
        )
    if mask is None:
        return kind, crf, rest
    if mask.shape != (labels + 2, labels + 2):
        raise ConversionError(
            f"{origin}: {_MASK} has shape {list(mask.shape)}, "
            f"expected {[labels + 2, labels + 2]} for {labels} labels"
        )
    if not np.isin(mask, (0, 1)).all():
        raise ConversionError(f"{origin}: {_MASK} holds other numbers than 0 and 1")
    masks = {START: mask[labels, :labels], END: mask[:labels, labels + 1],
             STEPS: mask[:labels, :labels]}  # fmt: skip
    folded = {
        name: (tensor * masks[name] + _FORBIDDEN * (1 - masks[name])).astype(np.float32)
        for name, tensor in crf.items()
    }
    return "AllenNLP CRF", folded, rest


def _linear(head: Tensors) -> tuple[Tensors, list[str]]:
    """The linear layer as `classifier`; what is not told from others keeps its names."""
    stems = {name.rpartition(".")[0] for name in head if name.endswith((".weight", ".bias"))}
    if len(stems) != 1 or len(head) > 2:
        return head, []
    stem = stems.pop()
    notes = [] if stem == "classifier" else [f"{stem} is the layer from states to labels"]
    linear = {"classifier" + name[len(stem) :]: tensor for name, tensor in head.items()}
    weight = linear.get("classifier.weight")
    if "classifier.bias" not in linear and weight is not None and weight.ndim == 2:
        linear["classifier.bias"] = np.zeros(len(weight), np.float32)
        notes.append(f"{stem} has no bias: zeros stand in")
    return linear, notes
