"""Extraction: the command's records, batches, errors, progress."""

from __future__ import annotations

import json
import os
import pickle
import signal
import subprocess
import threading
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest
import radie

TEXT = "𠮷田。右肺上葉に12mm大の結節を認めます。原発性肺癌を疑います。"  # begins outside the BMP


@pytest.mark.parametrize("precision", [None, "fp32"])
def test_same_records_as_the_command(
    command: Path, bundled: Path, examples: dict[str, str], precision: str | None
) -> None:
    model = radie.load(bundled, precision=precision)
    options: list[str | Path] = [
        "--model",
        bundled,
        "--isa",
        model.info.isa,
        "--include-text",
        "--format",
        "jsonl",
    ]
    if precision:
        options += ["--precision", precision]
    folder = Path(__file__).resolve().parents[2] / "examples/reports"
    done = subprocess.run([command, "extract", *options, folder], capture_output=True, check=True)
    expected = [json.loads(line) for line in done.stdout.decode("utf-8").splitlines()]
    reports = model.extract_batch(examples.values())
    found = [r.to_dict(name, include_text=True) for name, r in zip(examples, reports, strict=True)]
    assert found == expected
    assert [list(record) for record in found] == [list(record) for record in expected]
    assert sum(len(report.findings) for report in reports) > 20


def test_a_batch_is_as_each_alone(model: radie.Model, examples: dict[str, str]) -> None:
    texts = list(examples.values())
    alone = [model.extract(text) for text in texts]
    assert model.extract_batch(texts) == alone
    assert model.extract_batch(reversed(texts)) == alone[::-1]
    assert radie.load(threads=1).extract_batch(texts) == alone


def test_offsets_are_code_points(model: radie.Model, examples: dict[str, str]) -> None:
    for text in [TEXT, *examples.values()]:
        report = model.extract(text)
        assert report.text == text and report.entities
        for entity in report.entities:
            assert text[entity.start : entity.end] == entity.text


def test_values_refer_to_each_other_and_are_frozen(model: radie.Model) -> None:
    report = model.extract(TEXT)
    ids = {id(entity) for entity in report.entities}
    for finding in report.findings:
        members = [finding.object, *finding.attributes, *finding.evidence]
        assert all(id(member) in ids for member in members)
        grouped = finding.by_type()
        assert sorted(e.id for group in grouped.values() for e in group) == sorted(
            e.id for e in finding.attributes
        )
        assert all(e.type == type_ for type_, group in grouped.items() for e in group)
    assert all({id(r.head), id(r.tail)} <= ids for r in report.relations) and report.relations
    with pytest.raises(FrozenInstanceError):
        report.entities[0].start = 1  # type: ignore[misc]  # it is frozen
    assert pickle.loads(pickle.dumps(report)) == report and hash(report) == hash(report)
    assert TEXT not in repr(report)


def test_a_lone_surrogate_is_an_error_at_its_place(model: radie.Model) -> None:
    with pytest.raises(radie.Error) as caught:
        model.extract("結節\ud842。")
    assert (caught.value.code, caught.value.offset) == ("invalid_text", 2)
    assert "surrogate" in str(caught.value) and "結節" not in str(caught.value)
    again = pickle.loads(pickle.dumps(caught.value))
    assert (again.code, again.offset, str(again)) == ("invalid_text", 2, str(caught.value))


def test_errors_of_a_batch(bundled: Path) -> None:
    model = radie.load(bundled, max_report_bytes=200)
    texts = [TEXT, "\udc00", "結節" * 100, "", TEXT]
    results = model.extract_batch(texts, errors="return")
    assert [r.code if isinstance(r, radie.Error) else None for r in results] == [
        None,
        "invalid_text",
        "limit_exceeded",
        None,
        None,
    ]
    assert results[0] == results[4] == model.extract(TEXT)
    assert isinstance(results[3], radie.Report) and results[3].entities == ()
    with pytest.raises(radie.Error, match="invalid_text"):
        model.extract_batch(texts)
    assert model.extract_batch([]) == []


def test_wrong_arguments(model: radie.Model, tmp_path: Path) -> None:
    for wrong in (b"bytes", None, 3):
        with pytest.raises(TypeError):
            model.extract(wrong)  # type: ignore[arg-type]  # on purpose
        with pytest.raises(TypeError):
            model.extract_batch(["", wrong], "return")  # type: ignore[call-overload]  # on purpose
    with pytest.raises(TypeError):
        model.extract_batch(TEXT)
    with pytest.raises(radie.Error, match="errors"):
        model.extract_batch([], errors="ignore")  # type: ignore[call-overload]  # on purpose
    broken = tmp_path / "broken.radie"
    broken.write_bytes(b"\xff" * 100)
    cases = [
        ({"path": tmp_path / "none"}, "io"),
        ({"path": "a\0b"}, "invalid_argument"),
        ({"path": broken}, "invalid_model"),
        ({"isa": "abacus"}, "invalid_argument"),
        ({"precision": "int3"}, "invalid_argument"),
        ({"min_confidence": 1.5}, "invalid_argument"),
        ({"threads": -1}, "invalid_argument"),
        ({"max_report_bytes": 1 << 64}, "invalid_argument"),
        ({"cache_bytes": -1}, "invalid_argument"),
        ({"mecab_dictionary": "a\0b"}, "invalid_argument"),
    ]
    for arguments, code in cases:
        with pytest.raises(radie.Error) as caught:
            radie.load(**arguments)  # type: ignore[arg-type]  # of any type
        assert caught.value.code == code, arguments


def test_a_cache_changes_nothing(bundled: Path) -> None:
    plain, caching = radie.load(bundled), radie.load(bundled, cache_bytes=1 << 20)
    for _ in range(2):
        assert caching.extract(TEXT) == plain.extract(TEXT)


def test_min_confidence_warns(bundled: Path) -> None:
    report = radie.load(bundled, min_confidence=1.0).extract(TEXT)
    assert report.entities == () and report.warnings[0].code == "below_min_confidence"


def test_progress(model: radie.Model, capsys: pytest.CaptureFixture[str]) -> None:
    seen: list[tuple[int, int]] = []
    model.extract_batch([TEXT] * 70, progress=lambda done, total: seen.append((done, total)))
    assert len(seen) > 1 and seen[-1] == (70, 70) and seen == sorted(seen)
    assert capsys.readouterr().err == ""
    model.extract_batch([TEXT] * 70, progress=True)
    assert "70/70" in capsys.readouterr().err

    def stop(done: int, total: int) -> None:
        raise RuntimeError(f"{done} of {total}")

    with pytest.raises(RuntimeError, match="of 140"):
        model.extract_batch([TEXT] * 140, progress=stop)


def test_control_c_ends_a_batch(model: radie.Model, examples: dict[str, str]) -> None:
    # A process that a shell starts in the background is told to ignore the signal.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            model.extract_batch(list(examples.values()) * 60)
            timer.join()  # a machine that is done by then gets its signal here
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_damaged_model_is_found_when_asked_for(bundled: Path, tmp_path: Path) -> None:
    model = bytearray(bundled.read_bytes())
    model[-5] ^= 1
    damaged = tmp_path / "damaged.radie"
    damaged.write_bytes(model)
    assert radie.load(bundled, verify_tensors=True).extract(TEXT).entities
    assert radie.load(damaged).extract(TEXT) is not None
    with pytest.raises(radie.Error, match="damaged") as raised:
        radie.load(damaged, verify_tensors=True)
    assert raised.value.code == "invalid_model"
