"""Proving that a model file computes what its checkpoint does: PyTorch and radie side by side."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

import numpy as np

from radie_convert.arrays import Array
from radie_convert.checkpoint import Checkpoint, read_checkpoint
from radie_convert.errors import ConversionError
from radie_convert.inspect_checkpoint import role_of
from radie_convert.model_file import read_model
from radie_convert.pair_lines import PairLines
from radie_convert.pairs import Mention, PairPlanner
from radie_convert.radie_command import RadieCommand
from radie_convert.reference import ReferenceEncoder, relation_logits
from radie_convert.relation_heads import canonical_relation_head
from radie_convert.tagger_heads import END, START, STEPS, canonical_head
from radie_convert.tags import best_path, constraints, spans_of, words_of
from radie_convert.verify_text import (
    Placed,
    Span,
    Text,
    Tokenize,
    Tokens,
    make_tokenizer,
    read_texts,
    tokens_of,
)

PathLike = str | os.PathLike[str]

LIMIT = 1e-3
"""The largest difference of a number that still counts as agreement."""

_STAGES = {"tagger": "entities", "relation": "relations", "encoder": "encoder"}
Relation = tuple[str, Span, Span]


@dataclass
class Comparison:
    """What was compared: differences of numbers, and decisions."""

    title: str
    largest: dict[str, float] = field(default_factory=dict)
    decisions: dict[str, tuple[int, int]] = field(default_factory=dict)
    """By kind: identical ones, and all."""
    notes: list[str] = field(default_factory=list)

    def differ(self, what: str, found: Array, wanted: Array) -> None:
        """Takes note of the largest difference of two equally large arrays."""
        if found.shape != wanted.shape:
            raise ConversionError(f"{what}: shapes {found.shape} and {wanted.shape} differ")
        difference = float(np.abs(found - wanted).max()) if found.size else 0.0
        # NaN is no agreement.
        worst = difference if np.isfinite(difference) else float("inf")
        self.largest[what] = max(self.largest.get(what, 0.0), worst)

    def decide(self, what: str, identical: int, total: int) -> None:
        """Takes note of decisions."""
        before = self.decisions.get(what, (0, 0))
        self.decisions[what] = before[0] + identical, before[1] + total

    def agrees(self, limit: float = LIMIT) -> bool:
        """No number differs by more than `limit`, and no decision at all."""
        near = all(value <= limit for value in self.largest.values())
        return near and all(same == total for same, total in self.decisions.values())

    def lines(self) -> list[str]:
        """For people."""
        text = [self.title]
        text += [f"  {what}: largest difference {v:.2e}" for what, v in self.largest.items()]
        for what, (same, total) in self.decisions.items():
            share = f" ({same / total:.2%})" if total else ""
            text.append(f"  {what}: {same} of {total} identical{share}")
        return text + [f"  {note}" for note in self.notes]


def verify_model(
    model: PathLike,
    against: Sequence[PathLike],
    text: PathLike,
    *,
    radie: str = "radie",
    base: PathLike | None = None,
) -> list[Comparison]:
    """Runs both on the same sentences and pairs. Agreement is the caller's to judge."""
    metadata, _ = read_model(model)
    work = _Work(
        metadata, RadieCommand(radie, Path(model)), Path(base) if base is not None else None
    )
    texts = read_texts(Path(text), metadata["text"])
    checkpoints = _by_stage(metadata, [read_checkpoint(path, base) for path in against])
    comparisons = []
    entities: list[list[Placed]] | None = None
    if "encoder" in checkpoints:
        comparisons.append(work.encoder(checkpoints["encoder"], texts))
    if "entities" in checkpoints:
        comparison, entities = work.tagger(checkpoints["entities"], texts)
        comparisons.append(comparison)
    relations: list[list[Relation]] | None = None
    if "relations" in checkpoints:
        checkpoint = checkpoints["relations"]
        # What was compared of the tagger stands, whatever is missing for pairs.
        if "entities" in checkpoints and not work.has_pairs(checkpoint, texts, entities):
            comparisons[-1].notes.append("places of tokens are not told: pairs are left out")
        else:
            given = entities or work.given_entities(texts)
            comparison, relations = work.relations(checkpoint, texts, given)
            comparisons.append(comparison)
    if entities is not None:
        comparisons.append(work.whole(texts, entities, relations))
    return comparisons


def _by_stage(metadata: dict[str, Any], checkpoints: Sequence[Checkpoint]) -> dict[str, Checkpoint]:
    """Which stage each checkpoint is of: that made from its files, else by what it looks like."""
    made = {source["sha256"]: source["role"] for source in metadata["model"].get("sources", [])}
    found: dict[str, Checkpoint] = {}
    for checkpoint in checkpoints:
        stage = made.get(checkpoint.sources[0].sha256) or _STAGES[role_of(checkpoint)]
        if stage in found:
            raise ConversionError(f"{checkpoint.path}: another checkpoint is given for {stage}")
        if stage not in metadata:
            raise ConversionError(f"{checkpoint.path} is of stage {stage}, which the model lacks")
        found[stage] = checkpoint
    return found


class _Work:
    """The model's side of a comparison."""

    def __init__(self, metadata: dict[str, Any], command: RadieCommand, base: Path | None) -> None:
        self._metadata = metadata
        self._command = command
        self._base = base

    def encoder(self, checkpoint: Checkpoint, texts: Sequence[Text]) -> Comparison:
        """Hidden states of an encoder by itself."""
        stage = self._metadata["encoder"]
        comparison = Comparison(f"encoder {checkpoint.path} ({checkpoint.kind})")
        reference = ReferenceEncoder(checkpoint, self._base)
        if "tokenizer" not in stage:
            raise ConversionError("the model's encoder has no tokenizer: nothing can be read")
        sequences = [
            self._ids(stage, t.ids)
            for text in texts
            for t in tokens_of(text, self._tokenizer(checkpoint, "encoder"))
        ]
        sequences = self._fitting(stage, sequences, comparison)
        found = self._command.encode("encoder", [{"ids": ids} for ids in sequences])
        for i, ids in enumerate(sequences):
            comparison.differ("hidden states", found[str(i)], reference.states(ids))
        return comparison

    def tagger(
        self, checkpoint: Checkpoint, texts: Sequence[Text]
    ) -> tuple[Comparison, list[list[Placed]] | None]:
        """Stage 1; the reference's mentions, where the places of all tokens are told."""
        stage = self._metadata["entities"]
        head = canonical_head(checkpoint.tensors, str(checkpoint.path))
        comparison = Comparison(f"tagger {checkpoint.path} ({checkpoint.kind}, {head.kind})")
        reference = ReferenceEncoder(checkpoint, self._base)
        tokenize = self._tokenizer(checkpoint, "entities")
        sentences = [(n, t) for n, text in enumerate(texts) for t in tokens_of(text, tokenize)]
        size = stage["encoder"]["max_position_embeddings"] - 2
        short = [(n, t) for n, t in sentences if len(t.ids) <= size]
        if len(short) < len(sentences):
            comparison.notes.append(
                f"{len(sentences) - len(short)} sentences longer than the encoder are left out"
            )
        if not short:
            raise ConversionError("no sentence is short enough to be compared")
        whole = len(short) == len(sentences)
        lines = [{"ids": self._ids(stage, t.ids)} for _, t in short]
        found = self._command.encode("entities", lines)
        decoder = _Decoder(stage, head.tensors)
        spans: list[list[Span]] = [[] for _ in texts]
        for i, (number, tokens) in enumerate(short):
            states = reference.states(lines[i]["ids"])
            emissions = decoder.emissions(states)
            comparison.differ("hidden states", found[str(i)], states)
            comparison.differ("emissions", found[f"emissions.{i}"], emissions)
            rows, path, mentions = decoder.decode(tokens.tokens, emissions)
            ours = found[f"labels.{i}"]
            same = [int(ours[row]) == label for row, label in zip(rows, path, strict=True)]
            comparison.decide("tags", sum(same), len(same))
            if tokens.ranges is None:
                whole = False
            else:
                spans[number] += [
                    (
                        tokens.offset + tokens.ranges[a][0],
                        tokens.offset + tokens.ranges[b - 1][1],
                        k,
                    )
                    for a, b, k in mentions
                ]
        if not whole or not all(text.sources or not text.text for text in texts):
            comparison.notes.append("places of tokens are not told: radie extract is left out")
            return comparison, None
        return comparison, [text.placed(s) for text, s in zip(texts, spans, strict=True)]

    def has_pairs(
        self,
        checkpoint: Checkpoint,
        texts: Sequence[Text],
        entities: Sequence[Sequence[Placed]] | None,
    ) -> bool:
        """Whether there are mentions, the tagger's or given ones, and tokens that they cover."""
        if entities is None and not _are_given(texts):
            return False
        tokenize = self._tokenizer(checkpoint, "relations")
        return all(t.ranges is not None for text in texts for t in tokens_of(text, tokenize))

    def given_entities(self, texts: Sequence[Text]) -> list[list[Placed]]:
        """Those that stand beside the texts."""
        if not _are_given(texts):
            raise ConversionError(
                "pairs need entities: give the tagger's checkpoint with --against, too, or the "
                'texts as JSON Lines with "entities"'
            )
        return [text.given(sorted(text.entities or [])) for text in texts]

    def relations(
        self, checkpoint: Checkpoint, texts: Sequence[Text], entities: Sequence[Sequence[Placed]]
    ) -> tuple[Comparison, list[list[Relation]]]:
        """Stage 2 on given mentions; the reference's relations."""
        stage = self._metadata["relations"]
        comparison = Comparison(f"relation {checkpoint.path} ({checkpoint.kind})")
        reference = ReferenceEncoder(checkpoint, self._base)
        origin = str(checkpoint.path)
        tensors = canonical_relation_head(
            checkpoint.tensors, checkpoint.config, stage["pooling"], origin
        ).tensors
        planner = PairPlanner(stage, self._metadata["schema"], self._vocab(stage))
        tokenize = self._tokenizer(checkpoint, "relations")
        plans = []
        for text, spans in zip(texts, entities, strict=True):
            sentences = tokens_of(text, tokenize)
            row, mentions, owners = _row_of(sentences, spans)
            borders = accumulate((len(tokens.ids) for tokens in sentences), initial=0)
            pairs = planner.plan(row, mentions, list(pairwise(borders)))
            plans.append([(pair, mentions, owners) for pair in pairs])
        lines = PairLines([pair for plan in plans for pair, _, _ in plan])
        found = self._command.encode("relations", lines.records()) if lines.readings else {}
        if not lines.readings:
            comparison.notes.append("no candidate pair in these texts")
        states_of = []
        for number, reading in enumerate(lines.readings):
            if reading.text:
                states = reference.states_beside(reading.ids, reading.positions, reading.text)
            else:
                states = reference.states(reading.ids, reading.types)
            comparison.differ("hidden states", found[str(number)], states)
            states_of.append(states)
        answers = iter(lines.places)
        relations: list[list[Relation]] = []
        for plan, spans in zip(plans, entities, strict=True):
            relations.append([])
            for pair, mentions, owners in plan:
                number, place = next(answers)
                states = states_of[number]
                head, tail = (states[list(rows)].mean(0) if rows else states[0]
                              for rows in (pair.head_rows, pair.tail_rows))  # fmt: skip
                logits = relation_logits(tensors, stage, head[None], tail[None], states[:1])
                ours = found[f"logits.{number}"][place : place + 1]
                comparison.differ("relation logits", ours, logits)
                allowed = planner.allowed(mentions[pair.head].type, mentions[pair.tail].type)
                labels = [
                    stage["labels"][int(np.where(allowed, x[0], -np.inf).argmax())]
                    for x in (ours, logits)
                ]
                comparison.decide("relations", labels[0] == labels[1], 1)
                if labels[1] != "none":
                    ends = spans[owners[pair.head]].source, spans[owners[pair.tail]].source
                    relations[-1].append((labels[1], *ends))
        return comparison, relations

    def whole(
        self,
        texts: Sequence[Text],
        entities: Sequence[Sequence[Placed]],
        relations: Sequence[Sequence[Relation]] | None,
    ) -> Comparison:
        """`radie extract` on the texts: normalisation, sentences and tokens are its own."""
        comparison = Comparison("radie extract on the texts")
        records = self._command.extract([text.source for text in texts], relations is not None)
        for i, record in enumerate(records):
            by_id = {e["id"]: (e["start"], e["end"], e["type"]) for e in record["entities"]}
            _count(comparison, "entities", set(by_id.values()), {e.source for e in entities[i]})
            if relations is not None:
                ours = {
                    (r["type"], by_id[r["head"]], by_id[r["tail"]]) for r in record["relations"]
                }
                _count(comparison, "relations", ours, set(relations[i]))
        return comparison

    def _tokenizer(self, checkpoint: Checkpoint, stage: str) -> Tokenize:
        settings = self._metadata[stage]["tokenizer"]
        return make_tokenizer(checkpoint, self._base, settings, self._vocab(self._metadata[stage]))

    def _vocab(self, stage: dict[str, Any]) -> list[str]:
        vocab: list[str] = self._metadata["vocab." + stage["tokenizer"]["vocab"]]
        return vocab

    def _ids(self, stage: dict[str, Any], ids: Sequence[int]) -> list[int]:
        vocab, tokenizer = self._vocab(stage), stage["tokenizer"]
        return [vocab.index(tokenizer["cls_token"]), *ids, vocab.index(tokenizer["sep_token"])]

    def _fitting(
        self, stage: dict[str, Any], sequences: list[list[int]], comparison: Comparison
    ) -> list[list[int]]:
        size = stage["encoder"]["max_position_embeddings"]
        fitting = [ids for ids in sequences if len(ids) <= size]
        if len(fitting) < len(sequences):
            left_out = len(sequences) - len(fitting)
            comparison.notes.append(f"{left_out} sentences longer than the encoder are left out")
        if not fitting:
            raise ConversionError("no sentence is short enough to be compared")
        return fitting


class _Decoder:
    """The reference's tagging head, under the model's rules of decoding."""

    def __init__(self, stage: dict[str, Any], tensors: dict[str, Array]) -> None:
        self._stage = stage
        self._labels: list[str] = stage["labels"]
        self._weight, self._bias = tensors["classifier.weight"], tensors["classifier.bias"]
        count = len(self._labels)
        zeros = {START: (count,), END: (count,), STEPS: (count, count)}
        scores = [
            tensors[name] if stage["head"] == "crf" else np.zeros(shape, np.float32)
            for name, shape in zeros.items()
        ]
        if stage["constrained"]:
            rules = constraints(self._labels, stage.get("scheme", "iob2"))
            scores = [score + rule for score, rule in zip(scores, rules, strict=True)]
        self._start, self._end, self._steps = scores

    def emissions(self, states: Array) -> Array:
        """[tokens, labels]"""
        result: Array = states @ self._weight.T + self._bias
        return result

    def decode(
        self, tokens: Sequence[str], emissions: Array
    ) -> tuple[list[int], list[int], list[Span]]:
        """The rows that take part, their labels, and the mentions as tokens of the sentence."""
        subwords = self._stage.get("subwords", "all")
        words = words_of(tokens, subwords == "all")
        rows = [end if subwords == "last" else begin + 1 for begin, end in words]
        special = bool(self._stage.get("special_tokens_in_path", False))
        if special:
            rows = [0, *rows, len(tokens) + 1]
        path = best_path(self._start, self._end, self._steps, emissions[rows])
        inner = path[1:-1] if special else path
        mentions = [
            (words[a][0], words[b - 1][1], kind)
            for a, b, kind in spans_of([self._labels[label] for label in inner])
        ]
        return rows, path, mentions


def _are_given(texts: Sequence[Text]) -> bool:
    return all(text.entities is not None and text.sources for text in texts)


def _row_of(
    sentences: Sequence[Tokens], spans: Sequence[Placed]
) -> tuple[list[int], list[Mention], list[int]]:
    """The tokens of all sentences, the mentions among them, and whose span each mention is."""
    row: list[int] = []
    places: list[tuple[int, int, int]] = []
    for number, tokens in enumerate(sentences):
        if tokens.ranges is None:
            raise ConversionError(
                "pairs cannot be compared: this tokenizer does not tell the places of its tokens"
            )
        row += tokens.ids
        places += [(tokens.offset + a, tokens.offset + b, number) for a, b in tokens.ranges]
    mentions, owners = [], []
    for i, (start, end, kind) in enumerate(span.text for span in spans):
        covered = [t for t, (a, b, _) in enumerate(places) if a < end and b > start]
        if covered:
            mentions.append(Mention(covered[0], covered[-1] + 1, kind, places[covered[0]][2]))
            owners.append(i)
    return row, mentions, owners


def _count(comparison: Comparison, what: str, ours: set[Any], theirs: set[Any]) -> None:
    comparison.decide(what, len(ours & theirs), len(ours | theirs))
