"""The encoder's settings and tensors: what every stage has."""

from collections.abc import Mapping
from typing import Any

from radie_convert.arrays import Tensors
from radie_convert.errors import ConversionError
from radie_convert.layouts import POSITIONS, PROJECTION, TOKEN_TYPES, WORD_EMBEDDINGS

Shape = tuple[int, ...]

ACTIVATIONS = ("gelu", "gelu_new", "gelu_pytorch_tanh", "relu")

_MAX_ROPE_THETA = 1e9

_LAYER_0 = "bert.encoder.layer.0."


def encoder_settings(config: Mapping[str, Any], tensors: Tensors, origin: str) -> dict[str, Any]:
    """The `encoder` object of a stage, from a config in the terms of BERT.

    Sizes are those of the tensors, and the config's only where a tensor is not there: added tokens
    grow the vocabulary, for example, and not every training script tells the config.
    """
    positions = config.get("position_embedding_type") or "absolute"
    if positions != "absolute":
        raise ConversionError(
            f"{origin}: position_embedding_type is {positions!r}; only absolute is supported"
        )
    if config.get("is_decoder"):
        raise ConversionError(f"{origin}: is_decoder is set; only encoders are supported")

    def size(name: str, tensor: str, axis: int) -> int:
        found = tensors.get(tensor)
        if found is not None and found.ndim == 2:
            return int(found.shape[axis])
        return _size(config, name, origin)

    hidden = size("hidden_size", _LAYER_0 + "attention.self.query.weight", 1)
    heads = _size(config, "num_attention_heads", origin)
    if hidden % heads:
        raise ConversionError(
            f"{origin}: hidden_size {hidden} is no multiple of num_attention_heads {heads}"
        )
    activation = config.get("hidden_act", "gelu")
    if activation not in ACTIVATIONS:
        raise ConversionError(
            f"{origin}: hidden_act is {activation!r}; supported are {', '.join(ACTIVATIONS)}"
        )
    settings = {
        "hidden_size": hidden,
        "num_hidden_layers": _size(config, "num_hidden_layers", origin),
        "num_attention_heads": heads,
        "intermediate_size": size("intermediate_size", _LAYER_0 + "intermediate.dense.weight", 0),
        "vocab_size": size("vocab_size", WORD_EMBEDDINGS, 0),
        "max_position_embeddings": size("max_position_embeddings", POSITIONS, 0),
        "type_vocab_size": size("type_vocab_size", TOKEN_TYPES, 0),
        "hidden_act": activation,
        "layer_norm_eps": float(config.get("layer_norm_eps", 1e-12)),
    }
    embedding = size("embedding_size", WORD_EMBEDDINGS, 1)
    if embedding != hidden:
        settings["embedding_size"] = embedding
    theta = rope_theta(config, hidden // heads, origin)
    if theta is not None:
        settings["rope_theta"] = theta
    return settings


def rope_theta(config: Mapping[str, Any], head_size: int, origin: str) -> float | None:
    """The base of the angles that queries and keys are turned by; None where they are not."""
    value = config.get("rope_theta")
    if value is None:
        return None
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not 1 < value <= _MAX_ROPE_THETA:
        raise ConversionError(
            f"{origin}: rope_theta is {value!r}, expected a number above 1 and at most 1e9"
        )
    if head_size % 2:
        raise ConversionError(
            f"{origin}: rope_theta turns pairs, but a head's size is {head_size}, which is odd"
        )
    return float(value)


def encoder_shapes(encoder: Mapping[str, Any]) -> dict[str, Shape]:
    """Every tensor of the encoder, and its shape."""
    hidden: int = encoder["hidden_size"]
    width: int = encoder.get("embedding_size", hidden)
    inner: int = encoder["intermediate_size"]
    shapes: dict[str, Shape] = {
        WORD_EMBEDDINGS: (encoder["vocab_size"], width),
        POSITIONS: (encoder["max_position_embeddings"], width),
        TOKEN_TYPES: (encoder["type_vocab_size"], width),
        "bert.embeddings.LayerNorm.weight": (width,),
        "bert.embeddings.LayerNorm.bias": (width,),
    }
    if width != hidden:
        shapes[PROJECTION + "weight"] = (hidden, width)
        shapes[PROJECTION + "bias"] = (hidden,)
    linears = {
        "attention.self.query": (hidden, hidden),
        "attention.self.key": (hidden, hidden),
        "attention.self.value": (hidden, hidden),
        "attention.output.dense": (hidden, hidden),
        "intermediate.dense": (inner, hidden),
        "output.dense": (hidden, inner),
    }
    for layer in range(encoder["num_hidden_layers"]):
        prefix = f"bert.encoder.layer.{layer}."
        for name, shape in linears.items():
            shapes[f"{prefix}{name}.weight"] = shape
            shapes[f"{prefix}{name}.bias"] = shape[:1]
        for name in ("attention.output.LayerNorm", "output.LayerNorm"):
            shapes[f"{prefix}{name}.weight"] = (hidden,)
            shapes[f"{prefix}{name}.bias"] = (hidden,)
    return shapes


def check_tensors(tensors: Tensors, expected: Mapping[str, Shape], origin: str) -> None:
    """Every expected tensor is there in its shape, and no other; else one error names them all."""
    problems = []
    for name in sorted(expected.keys() | tensors.keys()):
        found = tuple(tensors[name].shape) if name in tensors else None
        wanted = expected.get(name)
        if found is None:
            problems.append(f"{name} is missing, expected shape {_text(wanted)}")
        elif wanted is None:
            problems.append(f"{name}, shape {_text(found)}, is not part of such a model")
        elif found != wanted:
            problems.append(f"{name} has shape {_text(found)}, expected {_text(wanted)}")
    if problems:
        shown = problems[:10]
        if len(problems) > len(shown):
            shown.append(f"and {len(problems) - len(shown)} more")
        raise ConversionError(f"{origin}: " + "; ".join(shown))


def _size(config: Mapping[str, Any], name: str, origin: str) -> int:
    value = config.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ConversionError(f"{origin}: config {name} is {value!r}, expected a positive integer")
    return value


def _text(shape: Shape | None) -> str:
    return str(list(shape or ()))
