"""text.normalization in model files: steps checked, shown, and done in Python as in the library."""

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest
from convert_support import write_tagger

from radie_convert.build import BuildOptions, build_model
from radie_convert.cli import main
from radie_convert.errors import ConversionError
from radie_convert.model_file import read_model
from radie_convert.text_steps import apply_steps, check_normalization, parse_normalization

GOLDEN = Path(__file__).parents[2] / "tests" / "golden" / "text_steps.jsonl"
HAS_NEOLOGDN = importlib.util.find_spec("neologdn") is not None


def test_strings_are_those_of_the_golden_file() -> None:
    lines = [json.loads(line) for line in GOLDEN.read_text(encoding="utf-8").splitlines()]
    texts, profiles = lines[0]["texts"], lines[1:]
    tried = 0
    for profile in profiles:
        if "neologdn" in profile["steps"] and not HAS_NEOLOGDN:
            continue
        tried += 1
        for text, expected in zip(texts, profile["results"], strict=True):
            result, places = apply_steps(profile["steps"], text)
            assert result == expected, (profile["steps"], text)
            if "neologdn" not in profile["steps"]:
                assert places is not None
                _check_places(result, places, text)
    assert tried >= 8


def _check_places(result: str, places: list[tuple[int, int]], text: str) -> None:
    assert len(places) == len(result)
    last = (0, 0)
    for place in places:
        assert 0 <= place[0] < place[1] <= len(text)
        assert place == last or place[0] >= last[1]
        last = place


def test_places_through_several_steps() -> None:
    steps: list[Any] = [{"cut_header": "】"}, "nfkc", {"h2z": ["ascii"]}, "newline_to_stop"]
    result, places = apply_steps(steps, "【所見】８㎜\r\nｶﾞ")
    assert result == "8ｍｍ。ガ"
    assert places == [(4, 5), (5, 6), (5, 6), (6, 8), (8, 10)]
    result, places = apply_steps(["radiology-ja", {"cut": "mm?"}], "８㎜．ｶﾞm")
    assert (result, places) == ("8。ガ", [(0, 1), (2, 3), (3, 5)])


def test_neologdn_is_the_packages() -> None:
    pytest.importorskip("neologdn")
    assert apply_steps(["neologdn"], "スーーパ") == ("スーパ", None)
    assert apply_steps(["neologdn"], "肺") == ("肺", [(0, 1)])


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("nfd", "text normalization is 'nfd'; one of"),
        (7, "text normalization is 7; a name"),
        ([], "a name"),
        (["nfkc"] * 17, "17 steps, at most 16"),
        (["nfkc", "none"], r"text normalization\[1\] is 'none'; one of"),
        (["cut"], r"text normalization\[0\]: cut needs a pattern"),
        ([{"cut": ""}], r"text normalization\[0\]: cut is ''"),
        ([{"cut": "あ" * 334}], "longer than 1000 bytes"),
        ([{"cut": "a", "nfkc": 1}], "a name or an object of one name"),
        ([{"h2z": ["kanji"]}], "h2z is"),
        ([{"nfkc": True}], "nfkc takes no setting"),
        ([{"strip": "x"}], r"text normalization\[0\] is 'strip'; one of"),
    ],
)
def test_what_is_no_step_is_refused(value: Any, message: str) -> None:
    with pytest.raises(ConversionError, match=message):
        check_normalization(value)


def test_a_pattern_that_python_does_not_read_is_named() -> None:
    with pytest.raises(ConversionError, match="cut: Python's re does not read"):
        apply_steps([{"cut": r"\p{Han}"}], "肺")


def test_options_values() -> None:
    assert parse_normalization("nfkc") == "nfkc"
    assert parse_normalization("nfkc,neologdn,h2z") == ["nfkc", "neologdn", "h2z"]
    assert parse_normalization('[{"cut": "^以上"}]') == [{"cut": "^以上"}]
    with pytest.raises(ConversionError, match="no JSON list"):
        parse_normalization("[nfkc")


def test_a_model_with_steps(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    steps: list[Any] = [{"cut_footer": "^以上"}, "nfkc", "h2z"]
    sidecar = {"tokenizer": {"profile": "char"}, "text": {"normalization": steps}}
    tagger = write_tagger(tmp_path / "tagger", sidecar=sidecar)
    build_model(tmp_path / "m.radie", tagger=tagger)
    assert read_model(tmp_path / "m.radie")[0]["text"]["normalization"] == steps
    assert main(["inspect", str(tmp_path / "m.radie")]) == 0
    assert 'normalization: cut_footer "^以上", nfkc, h2z\n' in capsys.readouterr().out

    arguments = ["build", "--tagger", str(tagger), "--output", str(tmp_path / "n.radie")]
    assert main([*arguments, "--normalization", "nfkc,newline_to_stop"]) == 0
    text = read_model(tmp_path / "n.radie")[0]["text"]
    assert text == {"normalization": ["nfkc", "newline_to_stop"], "sentences": "radiology-ja"}
    assert main([*arguments, "--normalization", "nfkc,cut"]) == 1
    assert "cut needs a pattern" in capsys.readouterr().err
    with pytest.raises(ConversionError, match="one of"):
        build_model(tmp_path / "x", tagger=tagger, options=BuildOptions(normalization="nfd"))
