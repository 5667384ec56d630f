"""What training starts from: checkpoints of the recipe, transformers folders, model files."""

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

import torch
from train_support import tiny_config, tiny_model, tiny_reports

from radie_convert.errors import ConversionError
from radie_convert.model_file import read_model, write_model
from radie_train.corpus import normalized
from radie_train.errors import TrainError
from radie_train.export import export_relations, export_tagger
from radie_train.fine_tuning import FineTuning
from radie_train.interrupt import Stop
from radie_train.models import RelationClassifier, Tagger
from radie_train.progress import Progress
from radie_train.recipe import Data, Surroundings, train_stages
from radie_train.relation_data import CONTEXT_TOKENS
from radie_train.shared_layout import TOKEN_TYPES
from radie_train.start import from_checkpoint, from_model_file


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def model_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("model") / "tiny.radie")


def test_a_checkpoint_of_the_recipe_is_taken_over(tmp_path: Path) -> None:
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "\n", "肺"]
    torch.manual_seed(1)
    tagger = Tagger(tiny_config(len(tokens), "tagger"))
    relation = RelationClassifier(tiny_config(len(tokens), "relation"))
    export_tagger(tmp_path / "t", tagger, tokens)
    export_relations(tmp_path / "r", relation, tokens, 77)
    start = from_checkpoint(tmp_path / "t", ["tagger", "relation"])
    assert start.tagger is not None
    assert start.relation is not None
    for name, tensor in tagger.state_dict().items():
        assert torch.equal(start.tagger.state_dict()[name], tensor), name
    # The relation stage has the tagger's encoder, its head and more token types begin anew.
    types = start.relation.bert.embeddings.token_type_embeddings.weight
    assert types.shape == (TOKEN_TYPES, 16)
    assert torch.equal(types[:2], tagger.bert.embeddings.token_type_embeddings.weight)
    assert start.notes == [
        "relation: token types that the encoder lacks begin anew",
        "relation: the encoder is taken over, the head begins anew",
    ]
    assert start.context == CONTEXT_TOKENS
    assert start.new_heads == {"relation"}
    start = from_checkpoint(tmp_path / "r", ["relation"])
    assert start.context == 77
    assert start.tagger is None
    assert start.relation is not None
    assert not start.notes
    for name, tensor in relation.state_dict().items():
        assert torch.equal(start.relation.state_dict()[name], tensor), name


def _bert(folder: Path, **changes: object) -> Path:
    transformers = pytest.importorskip("transformers")
    config = tiny_config(7, "tagger").to_json() | changes
    model = transformers.BertForMaskedLM(transformers.BertConfig(**config))
    model.save_pretrained(folder)
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "肺", "癌"]
    (folder / "vocab.txt").write_text("\n".join(tokens) + "\n", encoding="utf-8")
    _tokenizer(folder, "character")
    return folder


def _tokenizer(folder: Path, subwords: str) -> None:
    if subwords == "BertTokenizer":
        settings: dict[str, object] = {"tokenizer_class": subwords}
        (folder / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")
        return
    settings = {
        "tokenizer_class": "BertJapaneseTokenizer",
        "do_word_tokenize": False,
        "subword_tokenizer_type": subwords,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")


def test_starts_from_a_transformers_folder(tmp_path: Path) -> None:
    start = from_checkpoint(_bert(tmp_path / "bert"), ["tagger"])
    assert start.tokens[-2:] == ["肺", "癌"]
    assert start.notes == ["tagger: the encoder is taken over, the head begins anew"]
    data = Data([normalized(report) for report in tiny_reports()], tiny_reports())
    settings = FineTuning(steps=2, batch=4, rate=1e-2, measure_every=2, patience=9)
    around = Surroundings(tmp_path / "work", Progress(), Stop())
    states = train_stages(start, data, {"tagger": settings}, around)
    assert states["tagger"].step == 2


@pytest.mark.parametrize("stage", ["tagger", "relation"])
def test_characters_are_guessed_where_that_is_asked_for(tmp_path: Path, stage: str) -> None:
    weights: list[Any] = []
    for share in (0.0, 0.5, 0.5):
        start = from_model_file(tiny_model(tmp_path / "tiny.radie"))
        data = Data([normalized(report) for report in tiny_reports()], [])
        settings = FineTuning(steps=1, batch=2, rate=1e-2, masked=share)
        around = Surroundings(tmp_path / f"work{len(weights)}", Progress(), Stop())
        train_stages(start, data, {stage: settings}, around)
        model = start.tagger if stage == "tagger" else start.relation
        assert model is not None
        weights.append(model.bert.embeddings.word_embeddings.weight)
    assert torch.equal(weights[1], weights[2])
    assert not torch.equal(weights[0], weights[1])


@pytest.mark.parametrize(
    ("changes", "subwords", "message"),
    [
        ({"max_position_embeddings": 128}, "character", "has 128 positions; training needs 512"),
        ({"hidden_act": "relu"}, "character", "hidden_act is 'relu'; training supports 'gelu'"),
        ({}, "wordpiece", "which no profile of this format"),
        ({}, "BertTokenizer", "tokenizer profile is 'bert-basic'; training supports 'char' only"),
    ],
)
def test_says_which_folders_are_not_supported(
    tmp_path: Path, changes: dict[str, object], subwords: str, message: str
) -> None:
    folder = _bert(tmp_path / "bert", **changes)
    _tokenizer(folder, subwords)
    with pytest.raises((TrainError, ConversionError), match=message):
        from_checkpoint(folder, ["tagger"])


@pytest.mark.parametrize(
    ("key", "field", "value", "message"),
    [
        ("relations", "layout", "tail", "relations layout is 'tail'; training supports 'shared'"),
        ("relations", "scope", {"kind": "sentence"}, "relations scope is another one"),
        ("entities", "head", "softmax", "entities head is 'softmax'"),
        ("text", "normalization", "nfkc", "text is another one"),
        ("schema", "entity_types", [], "schema is another one"),
    ],
)
def test_says_which_models_are_not_supported(
    model_file: Path, tmp_path: Path, key: str, field: str, value: object, message: str
) -> None:
    metadata, tensors = read_model(model_file)
    metadata[key][field] = value
    metadata = {k: v for k, v in metadata.items() if not k.startswith("format")}
    write_model(tmp_path / "other.radie", metadata, tensors)
    with pytest.raises(TrainError, match=message):
        from_model_file(tmp_path / "other.radie")
