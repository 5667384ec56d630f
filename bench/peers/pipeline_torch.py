"""The same two stages as one writes them in Python: transformers, pytorch-crf, padded batches of 16
in the order they come, one pass of the encoder for each pair. A worker for pipeline.py.

    pipeline_torch.py MODEL.radie FOLDER THREADS DTYPE

Says `ready`, then answers `time SECONDS PATH` with `ok MS …` and `found OUT PATH` with `ok`.
"""

import json
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from radie_convert.model_file import read_model
from radie_convert.pairs import Mention, PairPlanner
from radie_train.text import split_sentences
from torchcrf import CRF
from transformers import BertConfig, BertModel

from pipeline_model import load_tensors
from pipeline_paths import Paths

BATCH = 16
Found = tuple[list[tuple[str, int, int]], list[tuple[str, int, int]]]
"""Mentions (type, start, end) by characters of the text, and relations (type, head, tail)."""


def batches(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), BATCH):
        yield items[start : start + BATCH]


def mentions_of(labels: Sequence[str]) -> list[tuple[str, int, int]]:
    """Begin, end and type of each; an I- that follows nothing of its type begins one."""
    found: list[tuple[str, int, int]] = []
    for i, label in enumerate(labels):
        if label == "O":
            continue
        kind = label[2:]
        if label[0] == "I" and found and found[-1][0] == kind and found[-1][2] == i:
            found[-1] = (kind, found[-1][1], i + 1)
        else:
            found.append((kind, i, i + 1))
    return found


class Pipeline:
    """Both stages on the CPU."""

    def __init__(self, model: Path, folder: Path, dtype: torch.dtype) -> None:
        metadata, _ = read_model(model)
        self.labels: list[str] = metadata["entities"]["labels"]
        self.relation_labels: list[str] = metadata["relations"]["labels"]
        self.vocab: list[str] = metadata[f"vocab.{metadata['entities']['tokenizer']['vocab']}"]
        self.ids = {token: i for i, token in enumerate(self.vocab)}
        self.planner = PairPlanner(metadata["relations"], metadata["schema"], self.vocab)
        paths = Paths(folder)
        self.tagger, self.tagger_head = self._encoder(paths.tagger, dtype)
        self.relation, self.relation_head = self._encoder(paths.relation, dtype)
        self.crf = CRF(len(self.labels), batch_first=True).eval()
        crf = {k[4:]: t for k, t in self.tagger_head.items() if k.startswith("crf.")}
        self.crf.load_state_dict(crf)

    @staticmethod
    def _encoder(folder: Path, dtype: torch.dtype) -> tuple[Any, dict[str, torch.Tensor]]:
        config = BertConfig.from_pretrained(folder, attn_implementation="sdpa")
        bert = BertModel(config, add_pooling_layer=False).eval()
        tensors = load_tensors(folder)
        bert.load_state_dict({k[5:]: t for k, t in tensors.items() if k.startswith("bert.")})
        return bert.to(dtype), {k: t for k, t in tensors.items() if not k.startswith("bert.")}

    @torch.inference_mode()
    def extract(self, texts: Sequence[str]) -> list[Found]:
        """What both stages find in each."""
        sentences = [(r, a, b) for r, t in enumerate(texts) for a, b in split_sentences(t)]
        paths: list[list[int]] = []
        for batch in batches(sentences):
            paths += self._tag([self._ids(texts[r][a:b]) for r, a, b in batch])
        mentions: list[list[Mention]] = [[] for _ in texts]
        rows: list[list[int]] = [[] for _ in texts]
        found: list[Found] = [([], []) for _ in texts]
        for number, ((r, a, b), path) in enumerate(zip(sentences, paths, strict=True)):
            at = len(rows[r])
            rows[r] += self._ids(texts[r][a:b])[1:-1]
            for kind, begin, end in mentions_of([self.labels[i] for i in path]):
                mentions[r].append(Mention(at + begin, at + end, kind, number))
                found[r][0].append((kind, a + begin, a + end))
        # Sentences matter to layout `levitated` only.
        plans = [self.planner.plan(rows[r], mentions[r], []) for r in range(len(texts))]
        pairs = [(r, pair) for r, plan in enumerate(plans) for pair in plan]
        for batch in batches(pairs):
            for (r, pair), logits in zip(batch, self._relate([p for _, p in batch]), strict=True):
                kinds = mentions[r][pair.head].type, mentions[r][pair.tail].type
                allowed = torch.tensor(self.planner.allowed(*kinds))
                best = int(logits.masked_fill(~allowed, -torch.inf).argmax())
                if self.relation_labels[best] != "none":
                    found[r][1].append((self.relation_labels[best], pair.head, pair.tail))
        return found

    def _ids(self, text: str) -> list[int]:
        return [self.ids["[CLS]"], *(self.ids[c] for c in text), self.ids["[SEP]"]]

    def _states(
        self, bert: Any, sequences: Sequence[Sequence[int]]
    ) -> tuple[torch.Tensor, torch.Tensor]:
        width = max(map(len, sequences))
        ids = torch.zeros(len(sequences), width, dtype=torch.long)
        mask = torch.zeros(len(sequences), width, dtype=torch.long)
        for i, sequence in enumerate(sequences):
            ids[i, : len(sequence)] = torch.tensor(sequence)
            mask[i, : len(sequence)] = 1
        return bert(input_ids=ids, attention_mask=mask).last_hidden_state.float(), mask.bool()

    def _tag(self, sequences: Sequence[Sequence[int]]) -> list[list[int]]:
        states, mask = self._states(self.tagger, sequences)
        emissions = (
            states @ self.tagger_head["classifier.weight"].T + self.tagger_head["classifier.bias"]
        )
        # Without [CLS] and [SEP]: one step to the left, and two less.
        paths: list[list[int]] = self.crf.decode(emissions[:, 1:-1], mask=mask[:, 2:])
        return paths

    def _relate(self, pairs: Sequence[Any]) -> torch.Tensor:
        states, _ = self._states(self.relation, [pair.reading.ids for pair in pairs])
        head = self.relation_head
        pooled = torch.stack(
            [
                (states[i, list(p.head_rows)].mean(0) + states[i, list(p.tail_rows)].mean(0)) / 2
                for i, p in enumerate(pairs)
            ]
        )
        inner = torch.tanh(
            pooled @ head["classifier.dense.weight"].T + head["classifier.dense.bias"]
        )
        return inner @ head["classifier.out_proj.weight"].T + head["classifier.out_proj.bias"]


def answer(pipeline: Pipeline, line: str) -> str:
    what, argument, path = line.rstrip("\n").split(" ", 2)
    records = [json.loads(record) for record in Path(path).read_text(encoding="utf-8").splitlines()]
    texts = [record["text"] for record in records]
    if what == "time":
        start = time.perf_counter()
        pipeline.extract(texts)
        return f"ok {(time.perf_counter() - start) * 1e3:.2f}"
    found = pipeline.extract(texts)
    Path(argument).write_text(json.dumps(found), encoding="utf-8")
    return "ok"


def main() -> None:
    model, folder, threads, dtype = sys.argv[1:]
    torch.set_num_threads(int(threads))
    pipeline = Pipeline(Path(model), Path(folder), getattr(torch, dtype))
    print("ready", flush=True)
    for line in sys.stdin:
        print(answer(pipeline, line), flush=True)


if __name__ == "__main__":
    main()
