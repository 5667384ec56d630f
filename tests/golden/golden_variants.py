"""The relation models: what differs between them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from golden_reports import TYPES

_TYPED = {
    "head_start": "<{type}>",
    "head_end": "</{type}>",
    "tail_start": "<T:{type}>",
    "tail_end": "</T:{type}>",
}
_BY_TYPE = {
    name: {kind: f"[unused{4 * i + j}]" for i, kind in enumerate(TYPES.values())}
    for j, name in enumerate(_TYPED)
}
_PLAIN = {"head_start": "[H]", "head_end": "[/H]", "tail_start": "[T]", "tail_end": "[/T]"}


@dataclass(frozen=True)
class Variant:
    """One model: the settings that differ between them."""

    layout: str
    pooling: str
    combine: str = "mean"
    context: int = 20
    scope: dict[str, Any] = field(default_factory=lambda: {"kind": "report"})
    sentences: str = "none"
    markers: Mapping[str, str | dict[str, str]] = field(default_factory=lambda: _TYPED)
    labels: tuple[str, ...] = ("none", "modify", "evidence")
    inner: int = 16
    layers: int = 1
    head: str = "mlp"
    separator: bool = True

    @property
    def name(self) -> str:
        """The model file's name without its ending."""
        combine = "" if self.pooling == "cls" else f"_{self.combine}"
        scope = "" if self.scope["kind"] == "report" else f"_{self.scope['kind']}"
        head = "" if self.head == "mlp" else f"_{self.head}"
        return f"relation_{self.layout}_{self.pooling}{combine}{scope}{head}"


SENTENCE = {"kind": "sentence"}
VARIANTS = (
    Variant("pair", "cls", context=6),
    Variant("pair", "start", "mean"),
    Variant("pair", "start", "concat", scope=SENTENCE, sentences="radiology-ja"),
    Variant("pair", "start", "concat_product", inner=10),
    Variant("pair", "end", "mean", context=0),
    Variant("pair", "end", "concat", labels=("modify", "none", "evidence")),
    Variant("pair", "end", "concat_product", markers=_PLAIN),
    Variant("pair", "both", "mean", scope={"kind": "tokens", "limit": 8}, sentences="radiology-ja"),
    Variant("pair", "both", "concat", context=100, layers=2),
    Variant("pair", "both", "concat_product", context=3),
    Variant("tail", "start", "concat", context=100),
    Variant("tail", "end", "concat_product", context=9),
    Variant("tail", "both", "mean", context=30, sentences="radiology-ja"),
    Variant("tail", "both", "concat", scope=SENTENCE, sentences="radiology-ja", context=100),
    Variant("shared", "start", "mean", context=9, layers=2),
    Variant("shared", "end", "concat", scope=SENTENCE, sentences="radiology-ja", context=100),
    Variant("shared", "both", "concat_product", context=40, sentences="radiology-ja"),
    Variant("pair", "start", "concat", head="linear", markers=_BY_TYPE, layers=2),
    Variant("pair", "span", "cls_concat", head="r_bert", markers=_PLAIN, separator=False),
    Variant("tail", "mention", "concat", context=30, head="linear"),
    Variant("shared", "mention", "cls_concat", context=40, head="r_bert", separator=False),
    Variant("levitated", "start", "concat", context=100, head="linear", markers=_BY_TYPE, layers=2),
    Variant(
        "levitated", "both", "cls_concat", head="r_bert", context=40, separator=False, layers=2
    ),
    Variant(
        "levitated", "end", "concat_product", scope=SENTENCE, sentences="radiology-ja", context=40
    ),
    Variant(
        "levitated",
        "start",
        "concat",
        scope=SENTENCE,
        sentences="radiology-ja",
        context=0,
        head="linear",
        markers=_BY_TYPE,
    ),
)
