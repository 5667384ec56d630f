"""The encoder's settings and tensors: what every stage has."""

from collections.abc import Mapping
from typing import Any

from radie_convert.arrays import Tensors
from radie_convert.errors import ConversionError

Shape = tuple[int, ...]

ACTIVATIONS = ("gelu", "gelu_new", "gelu_pytorch_tanh", "relu")

WORD_EMBEDDINGS = "bert.embeddings.word_embeddings.weight"

_SIZES = (
    "hidden_size",
    "num_hidden_layers",
    "num_attention_heads",
    "intermediate_size",
    "max_position_embeddings",
)


def encoder_settings(config: Mapping[str, Any], tensors: Tensors, origin: str) -> dict[str, Any]:
    """The `encoder` object of a stage, from a transformers config.

    The vocabulary's size is that of the embedding table: added tokens grow the table, and not
    every training script tells the config.
    """
    model_type = config.get("model_type", "bert")
    if model_type != "bert":
        raise ConversionError(f"{origin}: model_type is {model_type!r}; only bert is supported")
    positions = config.get("position_embedding_type") or "absolute"
    if positions != "absolute":
        raise ConversionError(
            f"{origin}: position_embedding_type is {positions!r}; only absolute is supported"
        )
    if config.get("is_decoder"):
        raise ConversionError(f"{origin}: is_decoder is set; only encoders are supported")

    sizes = {name: _size(config, name, origin) for name in _SIZES}
    if sizes["hidden_size"] % sizes["num_attention_heads"]:
        raise ConversionError(
            f"{origin}: hidden_size {sizes['hidden_size']} is no multiple of "
            f"num_attention_heads {sizes['num_attention_heads']}"
        )
    activation = config.get("hidden_act", "gelu")
    if activation not in ACTIVATIONS:
        raise ConversionError(
            f"{origin}: hidden_act is {activation!r}; supported are {', '.join(ACTIVATIONS)}"
        )
    words = tensors[WORD_EMBEDDINGS]
    return {
        "hidden_size": sizes["hidden_size"],
        "num_hidden_layers": sizes["num_hidden_layers"],
        "num_attention_heads": sizes["num_attention_heads"],
        "intermediate_size": sizes["intermediate_size"],
        "vocab_size": int(words.shape[0]) if words.ndim else 0,
        "max_position_embeddings": sizes["max_position_embeddings"],
        "type_vocab_size": _size({"type_vocab_size": 2, **config}, "type_vocab_size", origin),
        "hidden_act": activation,
        "layer_norm_eps": float(config.get("layer_norm_eps", 1e-12)),
    }


def encoder_shapes(encoder: Mapping[str, Any]) -> dict[str, Shape]:
    """Every tensor of the encoder, and its shape."""
    hidden: int = encoder["hidden_size"]
    inner: int = encoder["intermediate_size"]
    shapes: dict[str, Shape] = {
        WORD_EMBEDDINGS: (encoder["vocab_size"], hidden),
        "bert.embeddings.position_embeddings.weight": (encoder["max_position_embeddings"], hidden),
        "bert.embeddings.token_type_embeddings.weight": (encoder["type_vocab_size"], hidden),
        "bert.embeddings.LayerNorm.weight": (hidden,),
        "bert.embeddings.LayerNorm.bias": (hidden,),
    }
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
