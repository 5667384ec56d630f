"""The component of spaCy."""

from __future__ import annotations

from pathlib import Path

import pytest
import radie
import spacy
from spacy import displacy
from spacy.language import Language
from spacy.tokens import Doc

CHARACTERS = {"nlp": {"tokenizer": {"@tokenizers": "radie.CharTokenizer.v1"}}}


@pytest.fixture(scope="module")
def nlp() -> Language:
    pipeline = spacy.blank("xx", config=CHARACTERS)
    pipeline.add_pipe("radie")
    return pipeline


def test_one_token_a_character_is_exact(
    nlp: Language, model: radie.Model, examples: dict[str, str]
) -> None:
    for text in examples.values():
        doc = nlp(text)
        report = model.extract(text)
        assert doc.text == text and doc._.radie == report
        spans = [(s.start_char, s.end_char, s.label_, s.text) for s in doc.spans["radie"]]
        assert spans == [(e.start, e.end, e.type, e.text) for e in report.entities]
        assert [(e.start_char, e.end_char, e.label_) for e in doc.ents] == [s[:3] for s in spans]
        assert [span._.radie for span in doc.spans["radie"]] == list(report.entities)


def test_words_widen_spans_and_leave_out_ents(model: radie.Model) -> None:
    text = "右肺上葉に結節を認めます。 胸水 なし。"
    nlp = spacy.blank("xx")  # splits at spaces and punctuation only
    nlp.add_pipe("radie")
    doc, report = nlp(text), model.extract(text)
    assert len(doc.spans["radie"]) == len(report.entities) > len(doc.ents)
    for span, entity in zip(doc.spans["radie"], report.entities, strict=True):
        assert span.start_char <= entity.start and entity.end <= span.end_char
        assert span._.radie == entity and text[entity.start : entity.end] == entity.text
    exact = {(entity.start, entity.end) for entity in report.entities}
    assert {(ent.start_char, ent.end_char) for ent in doc.ents} <= exact
    assert any(ent.text == "胸水" for ent in doc.ents)


def test_displacy_draws_it(nlp: Language) -> None:
    html = displacy.render(nlp("右肺上葉に結節を認めます。"), style="ent", jupyter=False)
    assert "結節" in html and "Imaging_observation" in html


def test_batches_errors_and_settings(bundled: Path, examples: dict[str, str]) -> None:
    nlp = spacy.blank("xx", config=CHARACTERS)
    nlp.add_pipe("radie", config={"path": str(bundled), "set_ents": False})
    docs = list(nlp.pipe(examples.values(), batch_size=3))
    assert [doc._.radie for doc in docs] == [nlp(text)._.radie for text in examples.values()]
    assert not any(doc.ents for doc in docs)
    long = "結節" * 200_000  # more than max_report_bytes
    with pytest.raises(radie.Error):
        list(nlp.pipe([long]))
    failed: list[Doc] = []
    nlp.set_error_handler(  # spaCy types a handler as one that never returns
        lambda name, proc, docs, error: failed.extend(docs)  # type: ignore[arg-type,return-value]
    )
    assert [doc.text for doc in nlp.pipe(["結節。", long, "胸水。"])] == ["結節。", "胸水。"]
    assert len(failed) == 1


def test_documents_and_pipelines_are_kept(nlp: Language, tmp_path: Path) -> None:
    doc = nlp("右肺上葉に結節を認めます。")
    again = Doc(nlp.vocab).from_bytes(doc.to_bytes())
    assert again._.radie == doc._.radie and again._.radie.entities
    nlp.to_disk(tmp_path)
    loaded = spacy.load(tmp_path)
    assert loaded(doc.text)._.radie == doc._.radie
    assert Doc(nlp.vocab, ["結節"])._.radie is None and doc[0:1]._.radie is None


def test_other_processes(nlp: Language, examples: dict[str, str]) -> None:
    texts = list(examples.values())[:4]
    docs = list(nlp.pipe(texts, n_process=2, batch_size=2))
    assert [doc._.radie for doc in docs] == [nlp(text)._.radie for text in texts]
