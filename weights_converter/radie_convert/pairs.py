"""Which sequences the relation stage encodes, and which rows of them each pair reads.

The `relations` part of docs/model-format.md in Python, for comparing a model with its checkpoint.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from radie_convert import schema as schemas
from radie_convert.relations import marker_of

Window = tuple[int, int]

BESIDE = 32
"""Layout `levitated`: how many pairs stand beside a text at once. No state depends on it."""


@dataclass(frozen=True)
class Mention:
    """An entity: tokens [begin, end) of the row of all sentences' tokens."""

    begin: int
    end: int
    type: str
    sentence: int


@dataclass(frozen=True)
class Reading:
    """What the encoder reads at once."""

    ids: tuple[int, ...]
    types: tuple[int, ...]
    positions: tuple[int, ...] = ()
    """Empty: they count from 0."""
    text: int = 0
    """Layout `levitated`: how many ids are the text; the others are groups of four markers."""


@dataclass(frozen=True)
class Pair:
    """A candidate pair: its mentions by index, and what it reads."""

    head: int
    tail: int
    reading: Reading
    head_rows: tuple[int, ...]
    tail_rows: tuple[int, ...]


@dataclass(frozen=True)
class _Sequence:
    ids: tuple[int, ...]
    types: tuple[int, ...]
    rows: dict[int, tuple[int, int]]
    """By mention: those of its markers, or of its first and last token."""


class PairPlanner:
    """Plans for one relation stage."""

    def __init__(
        self, stage: Mapping[str, Any], schema: schemas.Schema, vocab: Sequence[str]
    ) -> None:
        self._stage = stage
        self._schema = schema
        self._ids = {token: position for position, token in enumerate(vocab)}
        self._cls = self._ids[stage["tokenizer"]["cls_token"]]
        self._sep = self._ids[stage["tokenizer"]["sep_token"]]
        self._size: int = stage["encoder"]["max_position_embeddings"]
        self._context: int = stage["context_tokens"]
        self._end = [self._sep] if stage.get("separator", True) else []
        self._specials = 1 + len(self._end)
        self._sentences: Sequence[Window] = ()

    def allowed(self, head: str, tail: str) -> list[bool]:
        """By label: whether a pair of such types may have it."""
        kinds = {schemas.NO_RELATION}
        for relation in self._schema["relation_types"]:
            if head in relation["heads"] and tail in relation["tails"]:
                kinds.add(relation["name"])
        return [label in kinds for label in self._stage["labels"]]

    def plan(
        self, row: Sequence[int], mentions: Sequence[Mention], sentences: Sequence[Window]
    ) -> list[Pair]:
        """The candidate pairs of a report: `row` is its tokens, `mentions` are in order, and
        `sentences` are ranges of tokens that together are all.
        """
        self._sentences = sentences
        plan = {"pair": self._pair, "tail": self._tail}.get(self._stage["layout"], self._window)
        found: dict[tuple[int, int], _Sequence] = {}
        for tail, target in enumerate(mentions):
            for head, source in enumerate(mentions):
                if head == tail or sum(self.allowed(source.type, target.type)) < 2:
                    continue
                if not self._in_scope(source, target):
                    continue
                sequence = plan(row, mentions, head, tail)
                if sequence is not None:
                    found[head, tail] = sequence
        if self._stage["layout"] == "levitated":
            return self._beside_texts(found, mentions)
        return [self._read(sequence, *pair) for pair, sequence in found.items()]

    def _read(self, sequence: _Sequence, head: int, tail: int) -> Pair:
        rows: tuple[tuple[int, ...], ...] = self._rows(sequence, head), self._rows(sequence, tail)
        if self._stage["pooling"] == "cls":
            rows = (0,), ()
        return Pair(head, tail, Reading(sequence.ids, sequence.types), rows[0], rows[1])

    def _beside_texts(
        self, found: Mapping[tuple[int, int], _Sequence], mentions: Sequence[Mention]
    ) -> list[Pair]:
        """Layout `levitated`: the pairs of one text stand beside it, some at a time."""
        pairs: dict[tuple[int, int], Pair] = {}
        edges = {"start": (0,), "end": (1,)}.get(self._stage["pooling"], (0, 1))
        for text in dict.fromkeys(sequence.ids for sequence in found.values()):
            own = [pair for pair, sequence in found.items() if sequence.ids == text]
            for begin in range(0, len(own), BESIDE):
                some = own[begin : begin + BESIDE]
                ids, positions = [*text], [*range(len(text))]
                for pair in some:
                    for side, mention in zip(("head", "tail"), pair, strict=True):
                        kind = mentions[mention].type
                        ids += [self._marker(f"{side}_{edge}", kind) for edge in ("start", "end")]
                        positions += found[pair].rows[mention]
                reading = Reading(tuple(ids), (0,) * len(ids), tuple(positions), len(text))
                for number, pair in enumerate(some):
                    heads = tuple(len(text) + 4 * number + edge for edge in edges)
                    pairs[pair] = Pair(*pair, reading, heads, tuple(row + 2 for row in heads))
        return [pairs[pair] for pair in found]

    def _in_scope(self, head: Mention, tail: Mention) -> bool:
        scope = self._stage["scope"]
        if scope["kind"] == "sentence":
            return head.sentence == tail.sentence
        first, second = sorted((head, tail), key=lambda m: m.begin)
        gap: int = second.begin - first.end
        return scope["kind"] == "report" or gap <= int(scope["limit"])

    def _in_reach(self, head: Mention, tail: Mention) -> bool:
        return head.begin >= tail.begin - self._context and head.end <= tail.end + self._context

    def _rows(self, sequence: _Sequence, mention: int) -> tuple[int, ...]:
        start, end = sequence.rows[mention]
        if self._stage["pooling"] == "span":
            return tuple(range(start, end + 1))
        if self._stage["pooling"] == "mention":
            inside = 0 if self._stage["layout"] == "shared" else 1
            return tuple(range(start + inside, end + 1 - inside))
        return {"start": (start,), "end": (end,)}.get(self._stage["pooling"], (start, end))

    def _pair(
        self, row: Sequence[int], mentions: Sequence[Mention], head: int, tail: int
    ) -> _Sequence | None:
        both = mentions[head], mentions[tail]
        core = min(m.begin for m in both), max(m.end for m in both)
        return self._fitted(row, mentions, core, tail, lambda _: sorted({head, tail}))

    def _tail(
        self, row: Sequence[int], mentions: Sequence[Mention], head: int, tail: int
    ) -> _Sequence | None:
        def whole(window: Window) -> list[int]:
            return [
                i for i, m in enumerate(mentions) if m.begin >= window[0] and m.end <= window[1]
            ]

        core = mentions[tail].begin, mentions[tail].end
        sequence = self._fitted(row, mentions, core, tail, whole)
        return sequence if sequence is not None and head in sequence.rows else None

    def _fitted(
        self,
        row: Sequence[int],
        mentions: Sequence[Mention],
        core: Window,
        tail: int,
        marked: Any,
    ) -> _Sequence | None:
        """The window round `core`, less context until it fits the positions."""
        left, right = min(self._context, core[0]), min(self._context, len(row) - core[1])
        while True:
            window = core[0] - left, core[1] + right
            chosen: list[int] = marked(window)
            if window[1] - window[0] + 2 * len(chosen) + self._specials <= self._size:
                return self._marked(row, mentions, window, chosen, tail)
            if left == 0 and right == 0:
                return None
            if left > right:
                left -= 1
            else:
                right -= 1

    def _marked(
        self,
        row: Sequence[int],
        mentions: Sequence[Mention],
        window: Window,
        chosen: Sequence[int],
        tail: int,
    ) -> _Sequence:
        ids = [self._cls]
        rows: dict[int, tuple[int, int]] = {}
        position = window[0]
        for i in sorted(chosen, key=lambda i: mentions[i].begin):
            mention, side = mentions[i], "tail" if i == tail else "head"
            ids += row[position : mention.begin]
            first = len(ids)
            ids.append(self._marker(f"{side}_start", mention.type))
            ids += row[mention.begin : mention.end]
            rows[i] = first, len(ids)
            ids.append(self._marker(f"{side}_end", mention.type))
            position = mention.end
        ids += [*row[position : window[1]], *self._end]
        return _Sequence(tuple(ids), (0,) * len(ids), rows)

    def _marker(self, name: str, kind: str) -> int:
        token = marker_of(self._stage["markers"][name], kind)
        assert token is not None, "a model has a marker for every type that needs one"
        return self._ids[token]

    def _window(
        self, row: Sequence[int], mentions: Sequence[Mention], head: int, tail: int
    ) -> _Sequence | None:
        target = mentions[tail]
        text = 0, len(row)
        if self._reads_sentences:
            text = self._sentence_of(target)
        elif not self._in_reach(mentions[head], target):
            return None
        window = self._window_of(target, text)
        if window is None:
            return None
        rows = {
            i: (m.begin - window[0] + 1, m.end - window[0])
            for i, m in enumerate(mentions)
            if m.begin >= window[0] and m.end <= window[1]
        }
        types = [0] * (window[1] - window[0] + self._specials)
        kinds = schemas.entity_types(self._schema)
        for i, (first, last) in rows.items() if self._stage["layout"] == "shared" else ():
            kind = 1 + 2 * kinds.index(mentions[i].type)
            for at in range(first, last + 1):
                types[at] = types[at] or kind + (at > first)
        ids = self._cls, *row[window[0] : window[1]], *self._end
        return _Sequence(ids, tuple(types), rows) if head in rows else None

    @property
    def _reads_sentences(self) -> bool:
        sentences: bool = self._stage["scope"]["kind"] == "sentence"
        return sentences and self._stage["layout"] == "levitated"

    def _sentence_of(self, target: Mention) -> Window:
        """Its sentence, made `context_tokens` long by what lies on both sides of it."""
        begin, end = self._sentences[target.sentence]
        lacking = max(0, self._context - (end - begin))
        last = max(end for _, end in self._sentences)
        return (
            max(0, begin - lacking // 2),
            max(min(last, end + lacking - lacking // 2), target.end),
        )

    def _window_of(self, target: Mention, text: Window) -> Window | None:
        size, (start, length) = self._size - self._specials, text
        begins = [start]
        while begins[-1] + size < length:
            begins.append(min(begins[-1] + size // 2, length - size))
        best, farthest = None, -1
        for begin in begins:
            end = min(begin + size, length)
            margin = min(
                length if begin == start else target.begin - begin,
                length if end == length else end - target.end,
            )
            if begin <= target.begin and target.end <= end and margin > farthest:
                best, farthest = (begin, end), margin
        return best
