"""The Python side of a comparison agrees with the golden files, and tells differences."""

import json
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from radie_convert import ConversionError, read_model, verify
from radie_convert.pairs import Mention, PairPlanner
from radie_convert.radie_command import RadieCommand
from radie_convert.reference import relation_logits
from radie_convert.tags import best_path, constraints, spans_of, words_of
from radie_convert.verify import Comparison, verify_model
from radie_convert.verify_text import Placed, Text, Tokens, read_texts

GOLDEN = Path(__file__).resolve().parents[2] / "tests" / "golden"


def _cases(name: str) -> list[Any]:
    value = json.loads((GOLDEN / name).read_text(encoding="utf-8"))
    cases: list[Any] = value["cases"]
    return cases


def test_paths_are_the_golden_ones() -> None:
    compared = 0
    for case in _cases("tagger.json"):
        stage, tensors = read_model(GOLDEN / case["model"])
        count = len(case["labels"])
        shapes = {"start_transitions": count, "end_transitions": count}
        start, end = (
            tensors.get(f"entities.crf.{n}", np.zeros(s, np.float32)) for n, s in shapes.items()
        )
        steps = tensors.get("entities.crf.transitions", np.zeros((count, count), np.float32))
        rules = constraints(stage["entities"]["labels"], "iob2")
        for text in case["texts"]:
            for sentence in text["sentences"]:
                emissions = np.array(sentence["emissions"], np.float32)
                assert best_path(start, end, steps, emissions) == sentence["path"]
                ruled = best_path(start + rules[0], end + rules[1], steps + rules[2], emissions)
                assert ruled == sentence["constrained_path"]
                compared += 1
    assert compared > 4


def test_pairs_are_the_golden_ones() -> None:
    layouts = set()
    for case in _cases("relation.json"):
        metadata, tensors = read_model(GOLDEN / case["model"])
        stage = metadata["relations"]
        layouts.add(stage["layout"])
        vocab = metadata["vocab.relations"]
        planner = PairPlanner(stage, metadata["schema"], vocab)
        ids = {token: i for i, token in enumerate(vocab)}
        for text in case["texts"]:
            row: list[int] = []
            places: dict[int, tuple[int, int]] = {}
            for number, (begin, end) in enumerate(text["sentences"]):
                for at in range(begin, end):
                    places[at] = len(row), number
                    row.append(ids.get(text["text"][at], ids["[UNK]"]))
            mentions = [
                Mention(places[e["begin"]][0], places[e["end"] - 1][0] + 1, e["type"],
                        places[e["begin"]][1])
                for e in text["entities"]
            ]  # fmt: skip
            ends = list(accumulate(end - begin for begin, end in text["sentences"]))
            pairs = planner.plan(row, mentions, list(pairwise([0, *ends])))
            wanted = text["pairs"]
            assert [(p.head, p.tail) for p in pairs] == [(p["head"], p["tail"]) for p in wanted]
            for pair, golden in zip(pairs, wanted, strict=True):
                sequence = text["sequences"][golden["sequence"]]
                reading = pair.reading
                rows, size = (pair.head_rows, pair.tail_rows), reading.text or len(reading.ids)
                assert list(reading.ids[:size]) == sequence["ids"]
                assert list(reading.types[:size]) == sequence["types"]
                if "markers" in golden:  # behind the text; their rows count from the first of them
                    first = size + (min(rows[0]) - size) // 4 * 4
                    assert list(reading.ids[first : first + 4]) == golden["markers"]
                    assert list(reading.positions[first : first + 4]) == golden["positions"]
                    assert list(reading.positions[:size]) == list(range(size))
                    head, tail = (tuple(row - first for row in side) for side in rows)
                    rows = head, tail
                assert [list(side) for side in rows] == [golden["head_rows"], golden["tail_rows"]]
                kinds = mentions[pair.head].type, mentions[pair.tail].type
                allowed = planner.allowed(*kinds)
                shown = [p > 0 for p in golden["probabilities"]]
                assert all(a or not s for a, s in zip(allowed, shown, strict=True))
        assert tensors
    assert layouts == {"pair", "tail", "shared", "levitated"}


def test_schemes_read_and_rule() -> None:
    assert spans_of(["I-A", "I-A", "I-B", "O", "[SEP]", "I-B"]) == [
        (0, 2, "A"), (2, 3, "B"), (5, 6, "B"),
    ]  # fmt: skip
    assert spans_of(["B-A", "I-A", "E-A", "S-A", "E-A", "B-A", "B-A"]) == [
        (0, 3, "A"), (3, 4, "A"), (4, 5, "A"), (5, 6, "A"), (6, 7, "A"),
    ]  # fmt: skip
    labels = ["O", "B-A", "I-A", "E-A", "S-A"]
    start, end, steps = constraints(labels, "bioes")
    assert list(start == 0) == [True, True, False, False, True]
    assert list(end == 0) == [True, False, False, True, True]
    assert list(steps[1] == 0) == [False, False, True, True, False]
    assert list(steps[3] == 0) == [True, True, False, False, True]
    start, _, steps = constraints(labels[:3], "iob1")
    assert list(start == 0) == [True, False, True]
    assert list(steps[2] == 0) == [True, True, True]
    assert not np.isinf(constraints(["O", "I-A"], "io")[2]).any()
    assert words_of(["a", "##b", "##", "c"], False) == [(0, 2), (2, 3), (3, 4)]
    assert words_of(["a", "##b"], True) == [(0, 1), (1, 2)]


def test_relation_logits_combine() -> None:
    rng = np.random.default_rng(3)
    head, tail = rng.normal(size=(2, 1, 4))
    for combine, width, pooled in (
        ("mean", 4, (head + tail) / 2),
        ("concat", 8, np.concatenate([head, tail], 1)),
        ("concat_product", 12, np.concatenate([head, tail, head * tail], 1)),
    ):
        tensors = {
            "classifier.dense.weight": rng.normal(size=(5, width)),
            "classifier.dense.bias": rng.normal(size=5),
            "classifier.out_proj.weight": rng.normal(size=(3, 5)),
            "classifier.out_proj.bias": rng.normal(size=3),
        }
        stage = {"pooling": "both", "combine": combine}
        inner = np.tanh(pooled @ tensors["classifier.dense.weight"].T
                        + tensors["classifier.dense.bias"])  # fmt: skip
        wanted = inner @ tensors["classifier.out_proj.weight"].T
        wanted = wanted + tensors["classifier.out_proj.bias"]
        np.testing.assert_allclose(relation_logits(tensors, stage, head, tail), wanted)


def test_a_comparison_tells_differences() -> None:
    comparison = Comparison("x")
    comparison.differ("states", np.zeros(3), np.array([0, 1e-4, 0]))
    comparison.decide("tags", 3, 3)
    assert comparison.agrees()
    assert not comparison.agrees(1e-5)
    comparison.decide("tags", 1, 2)
    assert not comparison.agrees()
    assert "  tags: 4 of 5 identical (80.00%)" in comparison.lines()
    broken = Comparison("x")
    broken.differ("states", np.array([np.nan]), np.zeros(1))
    assert not broken.agrees()


def test_mentions_that_meet_inside_a_character() -> None:
    text = Text("a㎜b", "ammb", ((0, 1), (1, 2), (1, 2), (2, 3)), [(0, 4)])
    found = text.placed([(0, 2, "A"), (2, 3, "B"), (3, 4, "C")])
    assert [p.source for p in found] == [(0, 2, "A"), (2, 3, "C")]
    assert [p.text for p in found] == [(0, 3, "A"), (3, 4, "C")]
    found = text.placed([(0, 2, "A"), (2, 4, "B")])
    assert [p.source for p in found] == [(0, 2, "A"), (2, 3, "B")]
    assert [p.text for p in found] == [(0, 3, "A"), (3, 4, "B")]


@pytest.mark.parametrize("given", [False, True])
@pytest.mark.parametrize("tagged", [False, True])
def test_a_tokenizer_that_tells_no_places_leaves_out_pairs(
    given: bool, tagged: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tokenizer = {"profile": "bert-ja-mecab-ipadic", "vocab": "encoder"}
    metadata = {
        "text": {"normalization": "none", "sentences": "none"},
        "relations": {"tokenizer": tokenizer},
        "vocab.encoder": [],
    }
    compared = verify.Comparison("tagger")
    mentions = [[Placed((0, 1, "A"), (0, 1, "A"))]] if tagged else None
    monkeypatch.setattr(verify, "read_model", lambda path: (metadata, {}))
    monkeypatch.setattr(verify, "_by_stage", lambda *_: {"entities": None, "relations": None})
    monkeypatch.setattr(verify._Work, "tagger", lambda *_: (compared, mentions))
    monkeypatch.setattr(verify._Work, "whole", lambda *_: verify.Comparison("whole"))
    monkeypatch.setattr(
        verify, "make_tokenizer", lambda *_: lambda sentence: Tokens([1], [sentence], None)
    )
    texts = tmp_path / ("x.jsonl" if given else "x.txt")
    entities = [{"start": 0, "end": 1, "type": "A"}]
    texts.write_text(
        json.dumps({"text": "肺", "entities": entities}) if given else "肺", encoding="utf-8"
    )
    found = verify_model(tmp_path / "m.radie", [], texts)
    assert [c.title for c in found] == (["tagger", "whole"] if tagged else ["tagger"])
    assert compared.notes == ["places of tokens are not told: pairs are left out"]


def test_texts_are_lines_or_records(tmp_path: Path) -> None:
    settings = {"normalization": "none", "sentences": "none"}
    lines = tmp_path / "x.txt"
    lines.write_text("肺\n\n肝\r\n", encoding="utf-8")
    assert [t.text for t in read_texts(lines, settings)] == ["肺", "肝"]
    records = tmp_path / "x.jsonl"
    entity = {"start": 0, "end": 1, "type": "A"}
    records.write_text(json.dumps({"text": "肺", "entities": [entity]}), encoding="utf-8")
    assert read_texts(records, settings)[0].entities == [(0, 1, "A")]
    for bad in ("[]", '{"id": 1}', '{"text": "x", "entities": [{"start": 0}]}', "肺"):
        records.write_text(bad, encoding="utf-8")
        with pytest.raises(ConversionError, match="line 1"):
            read_texts(records, settings)
    lines.write_text("\n", encoding="utf-8")
    with pytest.raises(ConversionError, match="holds no text"):
        read_texts(lines, settings)


def test_a_command_that_is_not_there(tmp_path: Path) -> None:
    command = RadieCommand(str(tmp_path / "radie"), tmp_path / "m.radie")
    with pytest.raises(ConversionError, match="--radie"):
        command.encode("encoder", [{"ids": [1]}])
