"""The layout `shared` and the labels that types allow."""

import random

from radie_train.schema import RELATION_LABELS, allowed_labels
from radie_train.shared_layout import (
    TOKEN_TYPES,
    Span,
    in_reach,
    rows_of,
    type_ids,
    window_of,
    windows_of,
)

ROW = "右肺に結節を認め肺癌を疑う。"
SPANS = [
    Span("Anatomical_entity", 0, 2),
    Span("Imaging_observation", 3, 5),
    Span("Certainty_descriptor", 6, 8),
    Span("Clinical_finding", 8, 10),
    Span("Certainty_descriptor", 11, 13),
]


def test_types_tell_mentions_apart_even_side_by_side() -> None:
    ids = type_ids(SPANS, (0, len(ROW)))
    assert ids == [0, 5, 6, 0, 1, 2, 0, 7, 8, 3, 4, 0, 7, 8, 0, 0]
    assert max(ids) < TOKEN_TYPES == 15


def test_a_mention_cut_by_the_window_has_no_type() -> None:
    assert type_ids(SPANS, (4, 9)) == [0, 0, 0, 7, 8, 0, 0]


def test_a_token_of_two_mentions_belongs_to_the_first() -> None:
    spans = [Span("Anatomical_entity", 0, 2), Span("Imaging_observation", 1, 3)]
    assert type_ids(spans, (0, 3)) == [0, 5, 6, 2, 0]


def test_rows_count_from_the_class_token() -> None:
    assert rows_of(SPANS[3], (0, len(ROW))) == (9, 10)
    assert rows_of(SPANS[3], (4, 12)) == (5, 6)


def test_windows_cover_everything_twice_but_the_ends() -> None:
    assert windows_of(10, 10) == [(0, 10)]
    assert windows_of(11, 10) == [(0, 10), (1, 11)]
    assert windows_of(23, 10) == [(0, 10), (5, 15), (10, 20), (13, 23)]


def test_the_window_is_the_one_with_most_room_and_the_first_of_equals() -> None:
    windows = windows_of(23, 10)
    assert window_of(Span("Clinical_finding", 1, 2), windows, 23) == (0, 10)
    assert window_of(Span("Clinical_finding", 9, 10), windows, 23) == (5, 15)
    assert window_of(Span("Clinical_finding", 22, 23), windows, 23) == (13, 23)
    assert window_of(Span("Clinical_finding", 0, 11), windows, 23) is None


def test_random_windows_hold_the_span_and_leave_a_quarter() -> None:
    rng = random.Random(11)
    for _ in range(500):
        size = rng.randrange(8, 40)
        length = rng.randrange(1, 200)
        start = rng.randrange(length)
        span = Span("Clinical_finding", start, min(length, start + 1))
        window = window_of(span, windows_of(length, size), length)
        assert window is not None
        assert window[0] <= span.start and span.end <= window[1]
        assert window[0] == 0 or span.start - window[0] >= size // 4 - 1
        assert window[1] == length or window[1] - span.end >= size // 4 - 1


def test_reach_wants_the_whole_head() -> None:
    tail = Span("Imaging_observation", 10, 12)
    assert in_reach(Span("Size_descriptor", 5, 7), tail, 5)
    assert not in_reach(Span("Size_descriptor", 4, 7), tail, 5)
    assert in_reach(Span("Size_descriptor", 13, 17), tail, 5)
    assert not in_reach(Span("Size_descriptor", 13, 18), tail, 5)


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
