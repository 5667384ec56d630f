"""A checkpoint in PyTorch: its encoder as transformers computes it, and its head.

The weights reach transformers' model under their own names, so that what the converter makes of a
layout is checked by code that knows nothing of it.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from radie_convert.arrays import Array, Tensors
from radie_convert.checkpoint import CONFIG, Checkpoint
from radie_convert.encoder import rope_theta
from radie_convert.errors import ConversionError
from radie_convert.jsonfile import read_json_object
from radie_convert.names import canonical_names
from radie_convert.weights import find_weights, read_weights

# By a config's key: the tensor, under the encoder's own names, and the axis that has its size.
_SIZES = {
    "vocab_size": ("embeddings.word_embeddings.weight", 0),
    "max_position_embeddings": ("embeddings.position_embeddings.weight", 0),
    "type_vocab_size": ("embeddings.token_type_embeddings.weight", 0),
}

_ACTIVATIONS: dict[str, Callable[[Array], Array]] = {
    "tanh": np.tanh,
    "relu": lambda x: np.maximum(x, 0),
    "gelu": lambda x: x * (1 + np.vectorize(math.erf)(x / math.sqrt(2))) / 2,
}


class ReferenceEncoder:
    """transformers' model with a checkpoint's weights."""

    def __init__(self, checkpoint: Checkpoint, base: Path | None) -> None:
        try:
            import torch
            import transformers
        except ImportError as error:
            raise ConversionError(
                "the comparison needs PyTorch and transformers: install radie-convert[train]"
            ) from error
        self._torch: Any = torch
        self._position_offset = checkpoint.position_offset
        places = [checkpoint.path, checkpoint.path.parent, *([base] if base else [])]
        file = next(p / CONFIG for p in places if (p / CONFIG).is_file())
        state = _own_names(checkpoint)
        settings = read_json_object(file)
        rotary = {"rope_theta": settings.pop("rope_theta", None)}  # not known to transformers' BERT
        settings.pop("model_type", None)
        for key, (name, axis) in _SIZES.items():
            if name in state and key in settings:
                settings[key] = int(state[name].shape[axis])
        config = transformers.AutoConfig.for_model(checkpoint.kind, **settings)
        config._attn_implementation = "eager"
        make: Any = transformers.AutoModel.from_config  # which is untyped
        self.model: Any = make(config).float().eval()
        tensors = {name: torch.from_numpy(np.array(t, np.float32)) for name, t in state.items()}
        missing, unexpected = self.model.load_state_dict(tensors, strict=False)
        computed = ("pooler.", "encoder.embed_positions.")
        wrong = [n for n in missing if not n.startswith(computed)] + list(unexpected)
        if wrong:
            raise ConversionError(
                f"{checkpoint.path}: transformers' {type(self.model).__name__} does not take "
                f"{', '.join(wrong[:5])}"
            )
        self._positions: Any = None  # of the tokens that are read, for the turning
        size = config.hidden_size // config.num_attention_heads
        theta = rope_theta(rotary, size, str(checkpoint.path))
        if theta is not None:
            self._turn_queries_and_keys(theta, size)

    def _turn_queries_and_keys(self, theta: float, size: int) -> None:
        """Puts rotary positions behind every query and key, as docs/model-format.md has them."""
        torch = self._torch
        steps = theta ** (-torch.arange(0, size, 2, dtype=torch.float64) / size)

        def turned(module: Any, arguments: Any, rows: Any) -> Any:
            angles = (self._positions[:, None].double() * steps)[None, :, None]
            cosines, sines = angles.cos().to(rows.dtype), angles.sin().to(rows.dtype)
            even, odd = rows.unflatten(-1, (-1, size // 2, 2)).unbind(-1)
            pairs = (even * cosines - odd * sines, odd * cosines + even * sines)
            return torch.stack(pairs, dim=-1).flatten(2)

        for name, module in self.model.named_modules():
            if name.endswith(("attention.self.query", "attention.self.key")):
                module.register_forward_hook(turned)

    def states_beside(self, ids: Sequence[int], positions: Sequence[int], text: int) -> Array:
        """The same where groups of four markers stand behind the first `text` ids.

        All rows at once, under a mask that lets a row read the text and its own group.
        """
        torch = self._torch
        owner = torch.tensor([0] * text + [1 + n // 4 for n in range(len(ids) - text)])
        self._positions = torch.tensor(list(positions))
        seen = (owner[None, :] == 0) | (owner[None, :] == owner[:, None])
        mask = torch.zeros(seen.shape).masked_fill(~seen, torch.finfo(torch.float32).min)
        arguments = {
            "input_ids": torch.tensor([list(ids)]),
            "position_ids": self._first_position() + self._positions[None],
        }
        with torch.no_grad():
            try:
                result = self.model(attention_mask=mask[None, None], **arguments)
            except ValueError:  # transformers of before masks as they are
                result = self.model(attention_mask=seen[None].float(), **arguments)
            except TypeError as error:
                raise ConversionError(
                    f"transformers' {type(self.model).__name__} takes no positions, so layout "
                    "levitated cannot be compared"
                ) from error
        states: Array = result.last_hidden_state[0].numpy()
        return states

    def _first_position(self) -> int:
        """The row of the first position in the model's own table."""
        if self._position_offset is not None:
            return int(self._position_offset)
        padding = getattr(self.model.embeddings, "padding_idx", None)
        return 0 if padding is None else int(padding) + 1

    def states(self, ids: Sequence[int], types: Sequence[int] | None = None) -> Array:
        """The last hidden states [tokens, hidden] of one sequence."""
        torch = self._torch
        self._positions = torch.arange(len(ids))
        more: dict[str, Any] = {}
        if self._position_offset is not None:
            more["position_ids"] = self._position_offset + self._positions[None]
        if types is not None and any(types):
            more["token_type_ids"] = torch.tensor([list(types)])
        with torch.no_grad():
            result = self.model(
                input_ids=torch.tensor([list(ids)]),
                attention_mask=torch.ones(1, len(ids), dtype=torch.long),
                **more,
            )
        states: Array = result.last_hidden_state[0].numpy()
        return states


def relation_logits(
    tensors: Mapping[str, Array],
    stage: Mapping[str, Any],
    head: Array,
    tail: Array,
    cls: Array | None = None,
) -> Array:
    """Logits [pairs, labels] of the pairs' vectors [pairs, hidden] each.

    `cls`, the states of [CLS], is needed where the stage's `combine` is `cls_concat`.
    """
    combine = "cls" if stage["pooling"] == "cls" else stage["combine"]
    if combine == "cls":
        pooled = head
    elif combine == "mean":
        pooled = (head + tail) / 2
    else:
        parts = [head, tail, head * tail] if combine == "concat_product" else [head, tail]
        if combine == "cls_concat":
            assert cls is not None, "cls_concat reads [CLS]"
            parts = [cls, head, tail]
        pooled = np.concatenate(parts, axis=1)
    return _head(tensors, stage, pooled)


def _head(tensors: Mapping[str, Array], stage: Mapping[str, Any], x: Array) -> Array:
    """What the head makes of its input."""

    def linear(name: str, value: Array) -> Array:
        y: Array = value @ tensors[f"classifier.{name}.weight"].T
        return y + tensors[f"classifier.{name}.bias"]

    kind = stage.get("head", "mlp")
    if kind == "r_bert":
        cls, *entities = np.split(np.tanh(x), 3, axis=1)
        x = np.concatenate([linear("cls", cls), *(linear("entity", e) for e in entities)], axis=1)
    elif kind == "mlp":
        x = _ACTIVATIONS[stage.get("head_activation", "tanh")](linear("dense", x))
    elif "head_layer_norm_eps" in stage:
        away = x - x.mean(1, keepdims=True)
        spread = np.sqrt(x.var(1, keepdims=True) + stage["head_layer_norm_eps"])
        x = away / spread * tensors["classifier.layer_norm.weight"]
        x = x + tensors["classifier.layer_norm.bias"]
    return linear("out_proj", x)


def _own_names(checkpoint: Checkpoint) -> Tensors:
    """The encoder's tensors under the names they have in transformers' bare model."""
    raw = read_weights(find_weights(checkpoint.path))
    prefix = canonical_names(raw).prefix
    parts = ("embeddings.", "embeddings_project.", "encoder.", "transformer.", "pooler.")
    state: Tensors = {}
    for name, tensor in raw.items():
        own = name.removeprefix(prefix)
        if not name.startswith(prefix) or not own.startswith(parts):
            continue
        if own in ("embeddings.position_ids", "embeddings.token_type_ids"):
            continue
        for old, new in ((".gamma", ".weight"), (".beta", ".bias")):
            own = own.removesuffix(old) + new if own.endswith("LayerNorm" + old) else own
        state[own] = tensor
    return state
