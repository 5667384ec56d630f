"""`relation.json` and `relation_*.radie`: stage 2 written once more, in PyTorch.

The layouts are those of docs/model-format.md, `relations`; this is a second, independent reading
of it, for the `char` tokeniser.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from radie_convert.schema import default_schema

from golden_checkpoint import TinyModel, convert, tiny_config
from golden_json import rounded, write_cases
from golden_levitated import Pair, states_beside
from golden_r_bert import FCLayer
from golden_reports import TYPES, Report, char_vocab, describe, reports, split_sentences
from golden_variants import SENTENCE, VARIANTS, Variant

_POSITIONS = 72
_VECTORS = {"mean": 1, "concat": 2, "concat_product": 3, "cls_concat": 3}
_EDGES = {"start": [0], "end": [1], "both": [0, 1]}
"""Layout `levitated`: a mention's markers that are read, of its two."""


@dataclass(frozen=True)
class Mention:
    """An entity as tokens [begin, end) of the row of all sentences' tokens."""

    begin: int
    end: int
    type: str
    sentence: int


@dataclass(frozen=True)
class Sequence:
    """What is encoded: ids, token types, and each mention's rows.

    A mention's rows are those of its start and end marker, or of its first and last token.
    """

    ids: tuple[int, ...]
    types: tuple[int, ...]
    rows: dict[int, tuple[int, int]]


class Planner:
    """Marked sequences for one report."""

    def __init__(self, variant: Variant, vocab: list[str], report: Report) -> None:
        self.variant = variant
        self.ids = {token: position for position, token in enumerate(vocab)}
        self.specials = 2 if variant.separator else 1
        self.sentences = [(0, len(report.text))]
        if variant.sentences != "none":
            self.sentences = split_sentences(report.text)
        self.row: list[int] = []
        place: dict[int, tuple[int, int]] = {}
        for number, (begin, end) in enumerate(self.sentences):
            for offset in range(begin, end):
                place[offset] = (len(self.row), number)
                self.row.append(self.ids.get(report.text[offset], self.ids["[UNK]"]))
        self.mentions = [
            Mention(place[e.begin][0], place[e.end - 1][0] + 1, e.type, place[e.begin][1])
            for e in report.entities
        ]

    def plan(self, head: int, tail: int) -> Sequence | None:
        """The sequence a pair reads; None when the encoder's positions cannot hold the pair."""
        plans = {"pair": self._pair, "tail": self._tail}
        return plans.get(self.variant.layout, self._window)(head, tail)

    def markers(self, sequence: Sequence, head: int, tail: int) -> tuple[list[int], list[int]]:
        """Layout `levitated`: a pair's four markers and their positions."""
        ids = [
            self._marker(f"{side}_{end}", self.mentions[mention].type)
            for side, mention in (("head", head), ("tail", tail))
            for end in ("start", "end")
        ]
        return ids, [*sequence.rows[head], *sequence.rows[tail]]

    def reaches(self, head: int, tail: int) -> bool:
        """Whether the layout would read the pair if the encoder had positions enough."""
        if self.variant.layout == "pair" or (
            self.variant.layout == "levitated" and self.variant.scope == SENTENCE
        ):
            return True
        mention, other, context = self.mentions[tail], self.mentions[head], self.variant.context
        return mention.begin - context <= other.begin and other.end <= mention.end + context

    def in_scope(self, head: int, tail: int) -> bool:
        """Whether the mentions are near enough."""
        a, b = sorted((self.mentions[head], self.mentions[tail]), key=lambda m: m.begin)
        scope = self.variant.scope
        gap = b.begin - a.end
        if scope["kind"] == "sentence":
            return a.sentence == b.sentence
        return scope["kind"] == "report" or gap <= int(scope["limit"])

    def _pair(self, head: int, tail: int) -> Sequence | None:
        both = (self.mentions[head], self.mentions[tail])
        core = (min(m.begin for m in both), max(m.end for m in both))
        return self._fitted(core, tail, lambda begin, end: [head, tail])

    def _tail(self, head: int, tail: int) -> Sequence | None:
        def inside(begin: int, end: int) -> list[int]:
            return [
                i for i, m in enumerate(self.mentions) if begin <= m.begin and m.end <= end
            ]  # fmt: skip

        mention = self.mentions[tail]
        sequence = self._fitted((mention.begin, mention.end), tail, inside)
        return sequence if sequence is not None and head in sequence.rows else None

    def _window(self, head: int, tail: int) -> Sequence | None:
        if not self.reaches(head, tail):
            return None
        size, target = _POSITIONS - self.specials, self.mentions[tail]
        start, length = self._text(target)
        begins = [start]
        while begins[-1] + size < length:
            begins.append(min(begins[-1] + size // 2, length - size))
        windows = [(b, min(b + size, length)) for b in begins]
        far = [length]

        def margin(window: tuple[int, int]) -> int:
            cuts = [target.begin - window[0]] if window[0] > start else []
            cuts += [window[1] - target.end] if window[1] < length else []
            return min(cuts + far)

        holding = [w for w in windows if w[0] <= target.begin and target.end <= w[1]]
        if not holding:
            return None
        begin, end = max(holding, key=margin)  # the first of the best
        rows = {
            i: (m.begin - begin + 1, m.end - begin)
            for i, m in enumerate(self.mentions)
            if begin <= m.begin and m.end <= end
        }
        types = [0] * (end - begin + self.specials)
        for i, (first, last) in rows.items():
            if self.variant.layout == "levitated":
                break  # its markers tell the types
            kind = 1 + 2 * list(TYPES.values()).index(self.mentions[i].type)
            types[first : last + 1] = [kind] + [kind + 1] * (last - first)
        ids = (self.ids["[CLS]"], *self.row[begin:end])
        ids += (self.ids["[SEP]"],) * self.variant.separator
        return Sequence(ids, tuple(types), rows) if head in rows else None

    def _text(self, target: Mention) -> tuple[int, int]:
        """What windows are cut from: the report, or, as PURE does, a sentence and its context."""
        if self.variant.layout != "levitated" or self.variant.scope != SENTENCE:
            return 0, len(self.row)
        own = [end - begin for begin, end in self.sentences]  # one token a character
        begin = sum(own[: target.sentence])
        end = begin + own[target.sentence]
        lacking = max(0, self.variant.context - (end - begin))
        return max(0, begin - lacking // 2), min(len(self.row), end + lacking - lacking // 2)

    def _fitted(self, core: tuple[int, int], tail: int, marked: Any) -> Sequence | None:
        left = min(self.variant.context, core[0])
        right = min(self.variant.context, len(self.row) - core[1])
        while True:
            begin, end = core[0] - left, core[1] + right
            chosen = marked(begin, end)
            if end - begin + 2 * len(chosen) + self.specials <= _POSITIONS:
                return self._build(begin, end, chosen, tail)
            if left == right == 0:
                return None
            if left > right:
                left -= 1
            else:
                right -= 1

    def _build(self, begin: int, end: int, chosen: list[int], tail: int) -> Sequence:
        ids = [self.ids["[CLS]"]]
        rows: dict[int, tuple[int, int]] = {}
        position = begin
        for index in sorted(chosen):
            mention = self.mentions[index]
            side = "tail" if index == tail else "head"
            ids += self.row[position : mention.begin]
            start = len(ids)
            ids.append(self._marker(f"{side}_start", mention.type))
            ids += self.row[mention.begin : mention.end]
            rows[index] = (start, len(ids))
            ids.append(self._marker(f"{side}_end", mention.type))
            position = mention.end
        ids += self.row[position:end]
        if self.variant.separator:
            ids.append(self.ids["[SEP]"])
        return Sequence(tuple(ids), (0,) * len(ids), rows)

    def _marker(self, name: str, kind: str) -> int:
        return self.ids[_marker(self.variant.markers[name], kind)]


def make(output: Path) -> None:
    """Writes relation.json and one model a variant."""
    cases = []
    chosen: set[str] = set()
    for seed, variant in enumerate(VARIANTS):
        case = _make_one(output, variant, 5000 + seed)
        chosen |= {pair["label"] for text in case["texts"] for pair in text["pairs"]}
        cases.append(case)
    assert chosen == {"none", "modify", "evidence"}, chosen
    write_cases(output / "relation.json", cases)


def _make_one(output: Path, variant: Variant, seed: int) -> dict[str, Any]:
    markers = [_marker(m, t) for m in variant.markers.values() for t in TYPES.values()]
    vocab = char_vocab(list(dict.fromkeys(markers)))
    model = TinyModel(
        tiny_config(
            len(vocab),
            _POSITIONS,
            variant.layers,
            1 + 2 * len(TYPES) if variant.layout == "shared" else 2,
        ),
        _head(variant),
        seed,
    )
    sidecar = {
        "text": {"normalization": "none", "sentences": variant.sentences},
        "tokenizer": {"profile": "char"},
        "relations": {
            "labels": list(variant.labels),
            "layout": variant.layout,
            "markers": variant.markers,
            "pooling": variant.pooling,
            "combine": variant.combine,
            "context_tokens": variant.context,
            "scope": variant.scope,
            "separator": variant.separator,
        },
    }
    convert(output / f"{variant.name}.radie", "relation", model, vocab, sidecar)
    model = model.double()
    with torch.no_grad():
        texts = [_expect(variant, vocab, model, report) for report in reports()]
    return {"model": f"{variant.name}.radie", "labels": list(variant.labels), "texts": texts}


def _marker(marker: str | dict[str, str], kind: str) -> str:
    return marker.replace("{type}", kind) if isinstance(marker, str) else marker[kind]


def _head(variant: Variant) -> dict[str, torch.nn.Module]:
    """The head's modules, under the names that its own code gives them."""
    size = 16 * (1 if variant.pooling == "cls" else _VECTORS[variant.combine])
    labels = len(variant.labels)
    if variant.head == "r_bert":
        return {
            "cls_fc_layer": FCLayer(16, 16),
            "entity_fc_layer": FCLayer(16, 16),
            "label_classifier": FCLayer(48, labels, activation=False),
        }
    if variant.head == "linear":  # PURE's
        return {
            "layer_norm": torch.nn.LayerNorm(size),
            "classifier": torch.nn.Linear(size, labels),
        }
    layers = {
        "dense": torch.nn.Linear(size, variant.inner),
        "out_proj": torch.nn.Linear(variant.inner, labels),
    }
    return {"classifier": torch.nn.ModuleDict(layers)}


def _expect(variant: Variant, vocab: list[str], model: TinyModel, report: Report) -> dict[str, Any]:
    planner = Planner(variant, vocab, report)
    sequences: dict[tuple[tuple[int, ...], tuple[int, ...]], int] = {}
    plans: dict[Pair, Sequence] = {}
    out_of_window = 0
    for tail in range(len(report.entities)):
        for head in range(len(report.entities)):
            allowed = _allowed(variant, report, head, tail)
            if head == tail or sum(allowed) < 2 or not planner.in_scope(head, tail):
                continue
            sequence = planner.plan(head, tail)
            if sequence is None:
                out_of_window += planner.reaches(head, tail)
                continue
            sequences.setdefault((sequence.ids, sequence.types), len(sequences))
            plans[head, tail] = sequence
    pairs = []
    levitated = _levitated(variant, model, planner, plans)
    for (head, tail), sequence in plans.items():
        rows = [_rows(variant, sequence, head), _rows(variant, sequence, tail)]
        if variant.pooling == "cls":
            rows = [[0], []]
        more: dict[str, Any] = {}
        if levitated:
            states, first = levitated[sequence.ids]
            rows = [_EDGES[variant.pooling], [row + 2 for row in _EDGES[variant.pooling]]]
            absolute = [[first[head, tail] + row for row in mention] for mention in rows]
            logits = _logits(variant, model, states, absolute)
            ids, positions = planner.markers(sequence, head, tail)
            more = {"markers": ids, "positions": positions}
        else:
            states = model.states(list(sequence.ids), list(sequence.types))
            logits = _logits(variant, model, states, rows)
        allowed = _allowed(variant, report, head, tail)
        masked = logits.masked_fill(~torch.tensor(allowed), float("-inf"))
        best = masked.sort(descending=True).values
        assert best[0] - best[1] > 1e-3, "a near tie: change the seed"
        pairs.append(
            {
                "head": head,
                "tail": tail,
                "sequence": sequences[sequence.ids, sequence.types],
                "head_rows": rows[0],
                "tail_rows": rows[1],
                "logits": rounded(logits.tolist(), 7),
                "probabilities": rounded(masked.softmax(0).tolist(), 7),
                "label": variant.labels[int(masked.argmax())],
                **more,
            }
        )
    return {
        "text": report.text,
        "sentences": [list(sentence) for sentence in planner.sentences],
        "entities": describe(report.entities),
        "sequences": [{"ids": list(ids), "types": list(types)} for ids, types in sequences],
        "pairs": pairs,
        "out_of_window": out_of_window,
    }


def _allowed(variant: Variant, report: Report, head: int, tail: int) -> list[bool]:
    """By label: may the pair have it."""
    kinds = {"none"}
    for relation in default_schema()["relation_types"]:
        if (
            report.entities[head].type in relation["heads"]
            and report.entities[tail].type in relation["tails"]
        ):
            kinds.add(relation["name"])
    return [label in kinds for label in variant.labels]


def _rows(variant: Variant, sequence: Sequence, mention: int) -> list[int]:
    start, end = sequence.rows[mention]
    if variant.pooling in ("span", "mention"):
        inside = variant.pooling == "mention" and variant.layout != "shared"
        return list(range(start + inside, end + 1 - inside))
    return {"start": [start], "end": [end], "both": [start, end], "cls": []}[variant.pooling]


def _levitated(
    variant: Variant, model: TinyModel, planner: Planner, plans: dict[Pair, Sequence]
) -> dict[tuple[int, ...], tuple[torch.Tensor, dict[Pair, int]]]:
    """By text: its states and those of its pairs' markers. Empty with other layouts."""
    if variant.layout != "levitated":
        return {}
    return {
        text: states_beside(
            model, text, {p: planner.markers(s, *p) for p, s in plans.items() if s.ids == text}
        )
        for text in dict.fromkeys(s.ids for s in plans.values())
    }


def _logits(
    variant: Variant, model: TinyModel, states: torch.Tensor, rows: list[list[int]]
) -> torch.Tensor:
    if variant.pooling == "cls":
        pooled = states[0]
    else:
        h, t = (states[group].mean(0) for group in rows)
        if variant.head == "r_bert":
            vectors = [model.get_submodule("cls_fc_layer")(states[0])]
            vectors += [model.get_submodule("entity_fc_layer")(x) for x in (h, t)]
            result: torch.Tensor = model.get_submodule("label_classifier")(torch.cat(vectors))
            return result
        pooled = {
            "mean": (h + t) / 2,
            "concat": torch.cat([h, t]),
            "concat_product": torch.cat([h, t, h * t]),
        }[variant.combine]
    classifier: Any = model.get_submodule("classifier")
    if variant.head == "linear":
        result = classifier(model.get_submodule("layer_norm")(pooled))
        return result
    logits: torch.Tensor = classifier["out_proj"](torch.tanh(classifier["dense"](pooled)))
    return logits
