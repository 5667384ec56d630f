"""Writing the tiny checkpoints of the golden models, and converting them."""

import json
import tempfile
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from radie_convert import BuildOptions, build_model
from transformers import BertConfig, BertModel

from golden_encoder import randomise


class TinyModel(torch.nn.Module):
    """A BERT and whatever layers a stage adds, in float32 until `double()`."""

    def __init__(self, config: BertConfig, layers: dict[str, torch.nn.Module], seed: int) -> None:
        super().__init__()
        self.bert = BertModel(config, add_pooling_layer=False)
        for name, layer in layers.items():
            self.add_module(name, layer)
        generator = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            for name, parameter in sorted(self.named_parameters()):
                randomise(name, parameter, generator)
                if not name.startswith("bert."):
                    parameter.mul_(3.0)
        self.eval()

    def states(self, ids: list[int], types: list[int] | None = None) -> torch.Tensor:
        """Last hidden states [len, H] of one sequence; without `types` all are 0."""
        result = self.bert(
            input_ids=torch.tensor([ids]),
            token_type_ids=torch.tensor([types if types is not None else [0] * len(ids)]),
            attention_mask=torch.ones(1, len(ids)),
        )
        states: torch.Tensor = result.last_hidden_state[0]
        return states

    def masked_states(
        self, ids: list[int], positions: list[int], seen: torch.Tensor
    ) -> torch.Tensor:
        """The same with positions of one's own; row i reads row j where `seen[i, j]`."""
        type_ = next(self.parameters()).dtype
        hidden = torch.zeros(seen.shape, dtype=type_).masked_fill(~seen, torch.finfo(type_).min)
        result = self.bert(
            input_ids=torch.tensor([ids]),
            position_ids=torch.tensor([positions]),
            attention_mask=hidden[None, None],
        )
        states: torch.Tensor = result.last_hidden_state[0]
        return states


def tiny_config(
    vocab_size: int, positions: int, layers: int = 1, token_types: int = 2
) -> BertConfig:
    """Hidden size 16, two heads."""
    return BertConfig(
        vocab_size=vocab_size,
        hidden_size=16,
        num_hidden_layers=layers,
        num_attention_heads=2,
        intermediate_size=24,
        max_position_embeddings=positions,
        type_vocab_size=token_types,
        attn_implementation="eager",
    )


def convert(
    path: Path, role: str, model: TinyModel, vocab: list[str], sidecar: dict[str, Any]
) -> None:
    """Writes the model file of one stage; `role` is `tagger` or `relation`."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        config = model.bert.config.to_dict()
        (folder / "config.json").write_text(json.dumps(config))
        (folder / "vocab.json").write_text(json.dumps(vocab))
        (folder / "radie.json").write_text(json.dumps(sidecar))
        state = {key: value.contiguous() for key, value in model.state_dict().items()}
        safetensors.torch.save_file(state, str(folder / "model.safetensors"))
        options = BuildOptions(name=path.stem)
        if role == "tagger":
            build_model(path, tagger=folder, options=options)
        else:
            build_model(path, relation=folder, options=options)
