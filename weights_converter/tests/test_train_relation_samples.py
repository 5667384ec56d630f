"""The layout `tail` and the samples of stage 2."""

import random

from radie_train.schema import RELATION_LABELS, allowed_labels
from radie_train.tail_layout import Span, tail_sequence

ROW = list("右肺に結節を認め肺癌を疑う。")
SPANS = [
    Span("Anatomical_entity", 0, 2),
    Span("Imaging_observation", 3, 5),
    Span("Certainty_descriptor", 6, 8),
    Span("Clinical_finding", 8, 10),
    Span("Certainty_descriptor", 11, 13),
]


def test_the_object_carries_tail_markers_and_the_others_head_markers() -> None:
    sequence = tail_sequence(ROW, SPANS, 3, 96, 512)
    assert sequence is not None
    assert "".join(sequence.tokens) == (
        "[CLS]<Anatomical_entity>右肺</Anatomical_entity>に"
        "<Imaging_observation>結節</Imaging_observation>を"
        "<Certainty_descriptor>認め</Certainty_descriptor>"
        "<object:Clinical_finding>肺癌</object:Clinical_finding>を"
        "<Certainty_descriptor>疑う</Certainty_descriptor>。[SEP]"
    )
    assert sequence.candidates == [0, 1, 2, 4]
    start, end = sequence.object_markers
    assert sequence.tokens[start] == "<object:Clinical_finding>"
    assert sequence.tokens[end] == "</object:Clinical_finding>"
    for number, (start, end) in zip(sequence.candidates, sequence.candidate_markers, strict=True):
        assert sequence.tokens[start] == f"<{SPANS[number].type}>"
        assert sequence.tokens[end] == f"</{SPANS[number].type}>"


def test_a_finding_is_no_candidate_of_an_observation() -> None:
    sequence = tail_sequence(ROW, SPANS, 1, 96, 512)
    assert sequence is not None
    assert sequence.candidates == [0, 2, 4]


def test_an_entity_cut_by_the_windows_edge_is_left_out() -> None:
    sequence = tail_sequence(ROW, SPANS, 3, 4, 512)
    assert sequence is not None
    assert "".join(sequence.tokens).startswith("[CLS]節を<Certainty_descriptor>認め")
    assert sequence.candidates == [2, 4]


def test_context_goes_from_the_longer_side_until_it_fits() -> None:
    row = list("あ" * 10 + "結節" + "い" * 7)
    spans = [Span("Imaging_observation", 10, 12)]
    for limit, left, right in ((23, 10, 7), (21, 8, 7), (20, 7, 7), (19, 7, 6), (18, 6, 6)):
        sequence = tail_sequence(row, spans, 0, 96, limit)
        assert sequence is not None
        assert sequence.tokens.count("あ") == left, limit
        assert sequence.tokens.count("い") == right, limit
    assert tail_sequence(row, spans, 0, 96, 5) is None


def test_types_say_which_labels_a_pair_may_carry() -> None:
    names = [
        [RELATION_LABELS[i] for i in allowed_labels(*types)]
        for types in (
            ("Size_descriptor", "Imaging_observation"),
            ("Imaging_observation", "Clinical_finding"),
            ("Clinical_finding", "Imaging_observation"),
            ("Imaging_observation", "Imaging_observation"),
            ("Imaging_observation", "Size_descriptor"),
        )
    ]
    assert names == [["none", "modify"], ["none", "evidence"], ["none"], ["none"], ["none"]]


def test_random_windows_keep_the_text() -> None:
    rng = random.Random(11)
    for _ in range(200):
        index = rng.choice((1, 3))
        context, limit = rng.randrange(16), rng.randrange(6, 40)
        sequence = tail_sequence(ROW, SPANS, index, context, limit)
        if sequence is None:
            continue
        assert len(sequence.tokens) <= limit
        text = "".join(t for t in sequence.tokens if len(t) == 1)
        assert text in "".join(ROW)
        assert "".join(ROW[SPANS[index].start : SPANS[index].end]) in text
