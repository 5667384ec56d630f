"""The layouts of checkpoints that verify_parity.py makes and converts, one of each kind."""

from dataclasses import dataclass, field
from typing import Any

import torch


@dataclass
class Layout:
    """One checkpoint: what it is called, how it is made, what is said when it is converted."""

    name: str
    kind: str = "bert"
    head: str = "softmax"
    scheme: str = "iob2"
    entities: dict[str, Any] = field(default_factory=dict)
    relations: dict[str, Any] | None = None
    words: bool = False
    prefix: str = ""
    file: str = "model.safetensors"
    dtype: torch.dtype = torch.float32
    old_names: bool = False
    position_offset: int | None = None
    markers: str = "<TYPE>"
    architecture: str | None = None
    rope_theta: float | None = None


LAYOUTS = [
    Layout("BertForTokenClassification, IOB2"),
    Layout("RobertaForTokenClassification, IO", "roberta", scheme="io"),
    Layout("RobertaForTokenClassification, positions from 0", "roberta", position_offset=0),
    Layout("DistilBertForTokenClassification, IOB2", "distilbert"),
    Layout("ElectraForTokenClassification, BIOES", "electra", scheme="bioes"),
    Layout("RoFormerForTokenClassification, IOB2", "roformer"),
    Layout("BERT, pytorch-crf, IOB2", head="pytorch-crf"),
    Layout("BERT with rotary positions, pytorch-crf, IOB2", head="pytorch-crf", rope_theta=10000),
    Layout(
        "BERT, pytorch-crf, [CLS] and [SEP] in the path",
        head="pytorch-crf",
        entities={"special_tokens_in_path": True},
    ),
    Layout("BERT, TorchCRF, BIOES", head="TorchCRF", scheme="bioes"),
    Layout(
        "DistilBERT, AllenNLP CRF, BIOES",
        "distilbert",
        "AllenNLP",
        "bioes",
        entities={"constrained": False},
    ),
    Layout(
        "ELECTRA, pytorch-crf, IOB1", "electra", "pytorch-crf", "iob1", entities={"scheme": "iob1"}
    ),
    Layout(
        "RoBERTa, TorchCRF, unconstrained", "roberta", "TorchCRF", entities={"constrained": False}
    ),
    Layout(
        "BERT, words, first sub-word",
        head="pytorch-crf",
        entities={"subwords": "first"},
        words=True,
    ),
    Layout("BERT, words, last sub-word", entities={"subwords": "last"}, words=True),
    Layout("BERT, words, all sub-words", scheme="bioes", words=True),
    Layout(
        "Lightning .ckpt, names under model.", head="pytorch-crf", prefix="model.", file="last.ckpt"
    ),
    Layout(
        "pytorch_model.bin, bf16, names under module., gamma and beta",
        prefix="module.",
        file="pytorch_model.bin",
        dtype=torch.bfloat16,
        old_names=True,
    ),
    Layout("ELECTRA, fp16 shards", "electra", file="shards", dtype=torch.float16),
    Layout("BertForSequenceClassification", relations={"pooling": "cls"}),
    Layout("RobertaForSequenceClassification", "roberta", relations={"pooling": "cls"}),
    Layout("BERT, markers, layout pair", relations={"pooling": "both", "combine": "mean"}),
    Layout(
        "ELECTRA, markers, layout tail",
        "electra",
        relations={"layout": "tail", "pooling": "start", "combine": "concat"},
    ),
    Layout(
        "BERT, token types, layout shared",
        relations={"layout": "shared", "pooling": "both", "combine": "concat_product"},
    ),
    Layout("DistilBertForSequenceClassification", "distilbert", relations={"pooling": "cls"}),
    Layout("ElectraForSequenceClassification", "electra", relations={"pooling": "cls"}),
    Layout("RoFormerForSequenceClassification", "roformer", relations={"pooling": "cls"}),
    Layout("BERT, PURE, unused tokens by type", head="PURE", relations={}),
    Layout(
        "BERT, PURE, `<S:TYPE>` and `<O:TYPE>`, layout tail",
        head="PURE",
        relations={"layout": "tail"},
        markers="<S:TYPE>",
    ),
    Layout("BERT, R-BERT", head="R-BERT", relations={}),
    Layout(
        "RoBERTa, a linear layer on [CLS] and mentions' means",
        "roberta",
        head="linear",
        relations={"pooling": "mention", "combine": "cls_concat"},
    ),
    Layout(
        "BERT, token types, layout shared, linear on means",
        head="linear",
        relations={"layout": "shared", "pooling": "span", "combine": "concat"},
    ),
    Layout(
        "BERT, PURE's approximation, unused tokens by type",
        head="PURE",
        relations={},
        architecture="BertForRelationApprox",
    ),
    Layout(
        "RoBERTa, PURE's approximation, `<S:TYPE>` and `<O:TYPE>`, with context",
        "roberta",
        "PURE",
        relations={"context_tokens": 60},
        markers="<S:TYPE>",
        architecture="BertForRelationApprox",
    ),
    Layout(
        "BERT with rotary positions, levitated markers",
        relations={"layout": "levitated", "pooling": "both", "combine": "concat"},
        rope_theta=500.5,
    ),
    Layout(
        "ELECTRA, levitated markers, both of a mention",
        "electra",
        relations={"layout": "levitated", "pooling": "both", "combine": "mean"},
    ),
]
SECOND_STAGES = [
    Layout(
        "BERT with markers", relations={"layout": "tail", "pooling": "both", "combine": "concat"}
    ),
    Layout("PURE's approximation", head="PURE", relations={}, architecture="BertForRelationApprox"),
    Layout(
        "levitated markers over the whole report",
        head="PURE",
        relations={"layout": "levitated", "scope": {"kind": "report"}, "context_tokens": 60},
    ),
]
