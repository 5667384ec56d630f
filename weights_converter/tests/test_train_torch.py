"""Torch parts of the recipe: needs torch, and is skipped without it."""

import itertools
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("torch")

import torch
from train_support import tiny_config

from radie_convert.model_file import read_unpacked_model
from radie_train import tagger_data
from radie_train.augmentation import Noise, sentences_of
from radie_train.calibration import Fit
from radie_train.corpus import normalized, settled
from radie_train.crf import Crf
from radie_train.demo import Run, main, train_stage
from radie_train.encoder import BertEncoder, EncoderConfig
from radie_train.errors import Interrupted, TrainError
from radie_train.fine_tuning import finished_weights
from radie_train.infer import load_pipeline, spans_of
from radie_train.inline_notation import parse
from radie_train.interrupt import Stop
from radie_train.masked_text import MaskedText
from radie_train.mentions import Mentions
from radie_train.models import RelationClassifier, Tagger
from radie_train.relation_data import (
    Mistakes,
    RelationRecipe,
    RelationSample,
    collate,
    join,
    relation_batches,
    report_samples,
)
from radie_train.report import Entity, Relation, Report
from radie_train.schema import ENTITY_LABELS, RELATION_LABELS
from radie_train.stages import EVIDENCE_WEIGHT, relation_loss, tagger_loss
from radie_train.vocabulary import MASK, SPECIAL, Vocabulary, build_vocabulary

REPORT = """=== X01-01
⟦A1:右肺⟧に⟦S1:12㎜大⟧の⟦O1:結節⟧を⟦C1:認めます⟧。⟦F1:肺癌⟧を⟦C2:疑います⟧。
---
A1 S1 C1 > O1
C2 > F1
O1 => F1
"""
QUIET = Noise(0, 0, 0, 0, 0, 0, 0)
EXACT = Mistakes(0, 0, 0, 0, 0)


def _paths(count: int, length: int) -> Iterator[tuple[int, ...]]:
    return itertools.product(range(count), repeat=length)


def test_crf_agrees_with_every_path_counted() -> None:
    labels = ("O", "B-X", "I-X", "B-Y", "I-Y")
    torch.manual_seed(1)
    crf = Crf(labels)
    for parameter in crf.parameters():
        torch.nn.init.normal_(parameter.requires_grad_(False))
    emissions = torch.randn(1, 4, len(labels))

    def allowed(path: tuple[int, ...]) -> bool:
        names = ["O", *(labels[i] for i in path)]
        return all(not b.startswith("I-") or a[2:] == b[2:] for a, b in itertools.pairwise(names))

    def score(path: tuple[int, ...]) -> float:
        total = crf.start_transitions[path[0]] + crf.end_transitions[path[-1]]
        total = total + sum(emissions[0, i, label] for i, label in enumerate(path))
        return float(total + sum(crf.transitions[a, b] for a, b in itertools.pairwise(path)))

    scores = {path: score(path) for path in _paths(len(labels), 4) if allowed(path)}
    best = max(scores, key=scores.__getitem__)
    assert crf.decode(emissions[0]) == list(best)
    everything = torch.logsumexp(torch.tensor(list(scores.values())), 0)
    mask = torch.ones(1, 4, dtype=torch.bool)
    loss = crf(emissions, torch.tensor([best]), mask)
    assert float(loss.detach()) == pytest.approx(float(everything) - scores[best], abs=1e-4)


def test_padding_changes_nothing() -> None:
    torch.manual_seed(2)
    encoder = BertEncoder(EncoderConfig(20, 16, 2, 2, 32, 16)).eval()
    ids = torch.randint(0, 20, (1, 9))
    alone = encoder(ids, torch.ones(1, 9, dtype=torch.bool))
    padded_ids = torch.cat([ids, torch.zeros(1, 4, dtype=torch.long)], dim=1)
    mask = torch.arange(13)[None] < 9
    assert torch.allclose(encoder(padded_ids, mask)[:, :9], alone, atol=1e-5)


def test_encoder_agrees_with_transformers() -> None:
    transformers = pytest.importorskip("transformers")
    torch.manual_seed(3)
    config = EncoderConfig(50, 32, 2, 4, 64, 24)
    own = BertEncoder(config).eval()
    theirs = transformers.BertModel(
        transformers.BertConfig(**config.to_json()), add_pooling_layer=False
    ).eval()
    missing, unexpected = theirs.load_state_dict(own.state_dict(), strict=False)
    assert not unexpected
    assert all("position_ids" in name or "token_type_ids" in name for name in missing)
    ids = torch.randint(0, 50, (2, 12))
    mask = torch.ones(2, 12, dtype=torch.bool)
    expected = theirs(ids, attention_mask=mask.long()).last_hidden_state
    assert torch.allclose(own(ids, mask), expected, atol=1e-5)


def test_rotary_positions_are_those_of_transformers() -> None:
    transformers = pytest.importorskip("transformers")
    torch.manual_seed(4)
    config = EncoderConfig(50, 32, 2, 4, 64, 24, rope_theta=10000.0)
    own = BertEncoder(config).eval()
    with torch.no_grad():
        own.embeddings.position_embeddings.weight.zero_()  # RoFormer has no table
    shape = {key: value for key, value in config.to_json().items() if key != "rope_theta"}
    theirs = transformers.RoFormerModel(transformers.RoFormerConfig(**shape)).eval()
    missing, unexpected = theirs.load_state_dict(own.state_dict(), strict=False)
    assert unexpected == ["embeddings.position_embeddings.weight"]
    assert all("position" in name for name in missing)
    ids = torch.randint(0, 50, (2, 12))
    mask = torch.ones(2, 12, dtype=torch.bool)
    expected = theirs(ids, attention_mask=mask.long()).last_hidden_state
    assert torch.allclose(own(ids, mask), expected, atol=1e-5)


@pytest.mark.parametrize("theta", [None, 1000.0])
def test_states_that_are_wanted_are_those_of_the_whole(theta: float | None) -> None:
    torch.manual_seed(5)
    encoder = BertEncoder(EncoderConfig(50, 32, 3, 4, 64, 24, rope_theta=theta)).eval()
    ids = torch.randint(0, 50, (3, 20))
    mask = torch.arange(20)[None] < torch.tensor([20, 13, 1])[:, None]
    wanted = mask & (torch.rand(3, 20) < 0.3)
    wanted[1] = False
    states = encoder(ids, mask, None, wanted)
    assert torch.allclose(states[wanted], encoder(ids, mask)[wanted], atol=1e-6)


def test_hidden_characters_are_guessed_and_special_tokens_are_not() -> None:
    torch.manual_seed(6)
    vocabulary = Vocabulary(build_vocabulary(["右肺"]))
    masked = MaskedText(8, vocabulary, 0.5, 0.1)
    ids = torch.randint(0, len(vocabulary), (40, 30))
    shown, chosen = masked.hide(ids)
    special = ids < len(SPECIAL)
    assert special.any() and not chosen[special].any()
    assert 0.4 < chosen[~special].float().mean() < 0.6
    assert torch.equal(shown[~chosen], ids[~chosen])
    assert 0.7 < (shown[chosen] == vocabulary.ids[MASK]).float().mean() < 0.9
    states = torch.randn(40, 30, 8)
    loss = masked.loss(states, ids, chosen)
    moved = torch.where(chosen[:, :, None], states, states + 1)
    assert torch.equal(masked.loss(moved, ids, chosen), loss)
    assert masked.loss(states, ids, torch.zeros_like(chosen)) == 0


def test_a_pair_is_its_mentions_and_their_product_side_by_side() -> None:
    torch.manual_seed(10)
    model = RelationClassifier(tiny_config(8, "relation")).eval()
    states = torch.randn(3, 21, model.bert.config.hidden_size)
    # Few ends, so that mentions share a first or a last token and rows have the same places.
    ends = torch.randint(0, 3, (200, 2)).cumsum(1), torch.randint(8, 11, (200, 2)).cumsum(1)
    pairs = torch.cat([torch.randint(0, 3, (200, 1)), *ends], dim=1)
    row, h0, h1, t0, t1 = pairs.T
    head = (states[row, h0] + states[row, h1]) / 2
    tail = (states[row, t0] + states[row, t1]) / 2
    layer = model.classifier
    inner = torch.tanh(layer.dense(torch.cat([head, tail, head * tail], dim=1)))
    torch.testing.assert_close(model.logits_of(states, pairs), layer.out_proj(inner))


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_a_loss_is_that_of_the_whole_encoder_and_of_what_is_guessed(share: float) -> None:
    report = normalized(parse(REPORT)[0])
    vocabulary = Vocabulary(build_vocabulary([report.text]))
    config = tiny_config(len(vocabulary), "relation")
    masked = MaskedText(config.hidden_size, vocabulary, share, 0.1) if share else None
    torch.manual_seed(8)
    relations = RelationClassifier(config).eval()
    related = collate(report_samples(report, QUIET, EXACT, random.Random(0)), vocabulary)
    tagger = Tagger(tiny_config(len(vocabulary), "tagger")).eval()
    tagged = tagger_data.collate(
        tagger_data.report_samples(report, QUIET, random.Random(0)), vocabulary
    )
    torch.manual_seed(9)
    losses = relation_loss(relations, related, masked), tagger_loss(tagger, tagged, masked)
    torch.manual_seed(9)
    ids, chosen = masked.hide(related.ids) if masked else (related.ids, None)
    logits = relations(ids, related.types, related.mask, related.pairs)
    weights = torch.tensor([1.0, 1.0, EVIDENCE_WEIGHT])
    wanted = torch.nn.functional.cross_entropy(
        logits.masked_fill(related.masked, -1e4), related.labels, weights
    )
    if masked and chosen is not None:
        assert chosen.any()
        states = relations.bert(ids, related.mask, related.types)
        wanted = wanted + masked.loss(states, related.ids, chosen)
    assert losses[0].item() == pytest.approx(wanted.item(), rel=1e-5)
    ids, chosen = masked.hide(tagged.ids) if masked else (tagged.ids, None)
    emissions = tagger.emissions(ids, tagged.mask)[:, 1:-1]
    wanted = tagger.crf(emissions, tagged.labels, tagged.inner)
    if masked and chosen is not None:
        wanted = wanted + masked.loss(tagger.bert(ids, tagged.mask), tagged.ids, chosen)
    assert losses[1].item() == pytest.approx(wanted.item(), rel=1e-5)


def test_tagger_samples_label_the_mentions() -> None:
    report = normalized(parse(REPORT)[0])
    found = []
    for sample in tagger_data.report_samples(report, QUIET, random.Random(0)):
        text = "".join(sample.characters)
        spans = spans_of([ENTITY_LABELS[i] for i in sample.labels])
        found += [(span.type, text[span.start : span.end]) for span in spans]
    assert found == [
        ("Anatomical_entity", "右肺"),
        ("Size_descriptor", "12mm大"),
        ("Imaging_observation", "結節"),
        ("Certainty_descriptor", "認めます"),
        ("Clinical_finding", "肺癌"),
        ("Certainty_descriptor", "疑います"),
    ]


def _labelled(samples: list[RelationSample]) -> set[tuple[str, str, str]]:
    found = set()
    for sample in samples:
        assert len(sample.tokens) == len(sample.types)
        for (h0, h1, t0, t1), label in zip(sample.pairs, sample.labels, strict=True):
            head = "".join(sample.tokens[h0 : h1 + 1])
            tail = "".join(sample.tokens[t0 : t1 + 1])
            if label:
                found.add((head, RELATION_LABELS[label], tail))
    return found


RELATED = {
    ("右肺", "modify", "結節"),
    ("12mm大", "modify", "結節"),
    ("認めます", "modify", "結節"),
    ("疑います", "modify", "肺癌"),
    ("結節", "evidence", "肺癌"),
}


def test_relation_samples_label_the_pairs() -> None:
    report = normalized(parse(REPORT)[0])
    assert _labelled(report_samples(report, QUIET, EXACT, random.Random(4))) == RELATED


def test_joined_reports_keep_their_relations_apart() -> None:
    report = normalized(parse(REPORT)[0])
    both = join(report, report)
    samples = report_samples(both, QUIET, EXACT, random.Random(4))
    assert _labelled(samples) == RELATED
    assert sum(label != 0 for sample in samples for label in sample.labels) == 2 * len(RELATED)


def test_an_excerpt_of_a_batch_cuts_no_mention_at_its_line_feed() -> None:
    report = normalized(parse("=== X01-01\n⟦O1:結\n節⟧は⟦A1:右肺⟧\n---\nA1 > O1\n")[0])
    vocabulary = Vocabulary(build_vocabulary([report.text]))
    recipe = RelationRecipe(QUIET, EXACT, 2, excerpts=1, joined=0)
    batches = relation_batches([report], vocabulary, recipe, random.Random(1))
    pairs = [pair for batch in itertools.islice(batches, 8) for pair in batch.pairs.tolist()]
    assert {last - first for _, _, _, first, last in pairs} == {1}


def test_joined_reports_keep_their_sentences() -> None:
    wrapped = settled(Report("x", "右肺上葉に辺縁の不整な結節を認め、\n左肺に変化なし"))
    long = settled(Report("y", "あ" * 90 + "\nい"))
    for first, second in ((wrapped, long), (long, wrapped)):
        found = join(first, second)
        expected = [r.text[a:b] for r in (first, second) for a, b in sentences_of(r)]
        assert [found.text[a:b] for a, b in sentences_of(found)] == expected
    assert len(sentences_of(wrapped)) == 1


def test_mentions_that_a_sentence_cuts_are_candidates_as_at_inference() -> None:
    text = "結節。右肺。\n肺癌を疑う。"
    entities = (
        Entity("T1", "Imaging_observation", 0, 2),
        Entity("T2", "Clinical_finding", 3, 9),
    )
    report = settled(Report("x", text, entities, (Relation("evidence", "T1", "T2"),)))
    samples = report_samples(report, QUIET, EXACT, random.Random(0))
    assert _labelled(samples) == {("結節", "evidence", "右肺。肺癌")}


def test_batches_hold_mentions_whole() -> None:
    text = "右肺に結\n節を認める。"
    entities = (Entity("T1", "Anatomical_entity", 0, 2), Entity("T2", "Imaging_observation", 3, 6))
    report = Report("x", text, entities, (Relation("modify", "T1", "T2"),))
    vocabulary = Vocabulary(build_vocabulary([text]))
    whole = [vocabulary.cls, *vocabulary.encode("右肺に結節を認める。"), vocabulary.sep]
    recipe = RelationRecipe(QUIET, EXACT, 2, excerpts=0.0, joined=0.0)
    mentions = Mentions([report])
    first = next(
        tagger_data.tagger_batches([report], mentions, vocabulary, QUIET, 2, random.Random(1))
    )
    second = next(relation_batches([report], vocabulary, recipe, random.Random(1), mentions))
    assert first.ids.tolist() == second.ids.tolist() == [whole, whole]


def test_relation_batches_mask_what_types_forbid() -> None:
    report = normalized(parse(REPORT)[0])
    vocabulary = Vocabulary(build_vocabulary([report.text]))
    samples = report_samples(report, QUIET, EXACT, random.Random(0))
    batch = collate(samples, vocabulary)
    assert batch.pairs.shape == (len(batch.labels), 5)
    assert not batch.masked[range(len(batch.labels)), batch.labels].any()
    assert not batch.masked[:, 0].any()


def test_the_demo_command_writes_a_model_that_reads_text(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for author in ("X01", "W20"):
        text = REPORT.replace("X01", author)
        (corpus / f"{author.lower()}.txt").write_text(text, encoding="utf-8")
    output = tmp_path / "model.radie"
    work = tmp_path / "work"
    arguments = ["--corpus", str(corpus), "--output", str(output), "--work", str(work)]
    arguments += ["--scale", "0.0001"]
    for stage in ("tagger", "relation"):
        assert main([*arguments, "--stage", stage]) == 0
    assert main([*arguments, "--export-only"]) == 0
    assert "predictions on these reports; calibration needs" in capsys.readouterr().err
    assert len((work / "held_out.jsonl").read_text(encoding="utf-8").splitlines()) == 1
    assert main([*arguments, "--export-only", "--seed", "8"]) == 1
    pipeline = load_pipeline(output)
    report = parse(REPORT)[0]
    assert pipeline.extract("X", report.text).text == report.text
    assert pipeline.relate(report).entities == report.entities
    assert "temperature" not in read_unpacked_model(output)[0]["entities"]
    fits = {
        stage: Fit(temperature, 60, 0.9, (0.2, 0.1), (0.4, 0.3))
        for stage, temperature in (("entities", 1.5), ("relations", 0.75))
    }
    monkeypatch.setattr("radie_train.demo.fit_temperatures", lambda *_: fits)
    assert main([*arguments, "--export-only"]) == 0
    metadata, _ = read_unpacked_model(output)
    assert [metadata[stage]["temperature"] for stage in fits] == [1.5, 0.75]


def test_the_demo_recipe_goes_on_and_ends_with_the_same_weights(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "x01.txt").write_text(REPORT, encoding="utf-8")
    ways = {}
    for name, rests in (("whole", 0), ("parts", 2)):
        run = Run(tmp_path / "corpus", tmp_path / name, seed=7, scale=0.0008)
        run.claim()
        for _ in range(rests):
            stop = Stop()
            stop.signal = 2
            with pytest.raises(Interrupted):
                train_stage("tagger", run, stop)
            with pytest.raises(TrainError, match="is not finished, it stands at step"):
                finished_weights(run.checkpoint("tagger"))
        train_stage("tagger", run, Stop())
        ways[name] = finished_weights(run.checkpoint("tagger"))
    assert all(torch.equal(tensor, ways["parts"][name]) for name, tensor in ways["whole"].items())


def test_a_demo_run_is_of_one_corpus_and_one_setting(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "corpus").mkdir()
    file = tmp_path / "corpus" / "x01.txt"
    file.write_text(REPORT, encoding="utf-8")
    arguments = ["--corpus", str(tmp_path / "corpus"), "--output", str(tmp_path / "m.radie")]
    arguments += ["--work", str(tmp_path / "work"), "--scale", "0.0001"]
    assert main([*arguments, "--export-only"]) == 1
    assert "the stage is not trained yet" in capsys.readouterr().err
    assert main([*arguments, "--scale", "0.0002", "--export-only"]) == 1
    assert "belongs to a run with another relation settings" in capsys.readouterr().err
    file.write_text(REPORT.replace("右肺", "左肺"), encoding="utf-8")
    assert main([*arguments, "--stage", "tagger"]) == 1
    assert "belongs to a run with another training reports" in capsys.readouterr().err
    assert not (tmp_path / "m.radie").exists()


def test_fewer_reports_are_a_part_of_more(tmp_path: Path) -> None:
    for name in ("a01", "b01"):
        texts = (REPORT.replace("X01-01", f"{name.upper()}-{i:02}") for i in range(3))
        (tmp_path / f"{name}.txt").write_text("".join(texts), encoding="utf-8")

    def drawn(count: int | None, held_out: tuple[str, ...] = ()) -> list[str]:
        run = Run(tmp_path, tmp_path, seed=7, held_out=held_out, count=count)
        return [report.id for report in run.reports()[0]]

    assert drawn(None) == sorted(drawn(6)) and len(drawn(9)) == 6
    assert drawn(4)[:2] == drawn(2)
    assert sorted(drawn(3, ("b01",))) == ["A01-00", "A01-01", "A01-02"]
