"""A model file of random tensors, plain or packed (docs/model-format.md)."""

import json
import random
import struct
from typing import Any


class Model:
    """A model file put together tensor by tensor."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.metadata: dict[str, Any] = {"format": "radie", "format_version": "1"}
        self.tensors: list[tuple[str, str, list[int], bytes]] = []

    def add(self, name: str, shape: list[int], spread: float = 0.5, offset: float = 0.0) -> None:
        count = 1
        for size in shape:
            count *= size
        values = [offset + self.random.gauss(0, spread) for _ in range(count)]
        self.tensors.append((name, "F16", shape, struct.pack(f"<{count}e", *values)))

    def add_encoder(self, stage: str, encoder: dict[str, Any]) -> None:
        h, i = encoder["hidden_size"], encoder["intermediate_size"]
        base = f"{stage}.bert."
        for table, key in (
            ("word", "vocab_size"),
            ("position", "max_position_embeddings"),
            ("token_type", "type_vocab_size"),
        ):
            self.add(f"{base}embeddings.{table}_embeddings.weight", [encoder[key], h], 1.0)
        self.add_norm(base + "embeddings.LayerNorm", h)
        for layer in range(encoder["num_hidden_layers"]):
            at = f"{base}encoder.layer.{layer}."
            for part in ("query", "key", "value"):
                self.add_linear(f"{at}attention.self.{part}", h, h)
            self.add_linear(at + "attention.output.dense", h, h)
            self.add_norm(at + "attention.output.LayerNorm", h)
            self.add_linear(at + "intermediate.dense", i, h)
            self.add_linear(at + "output.dense", h, i)
            self.add_norm(at + "output.LayerNorm", h)

    def add_linear(self, name: str, outputs: int, inputs: int) -> None:
        self.add(name + ".weight", [outputs, inputs])
        self.add(name + ".bias", [outputs], 0.1)

    def add_norm(self, name: str, size: int) -> None:
        self.add(name + ".weight", [size], 0.1, 1.0)
        self.add(name + ".bias", [size], 0.1)

    def bytes(self) -> bytes:
        metadata = {
            key: value
            if isinstance(value, str)
            else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
            for key, value in self.metadata.items()
        }
        header: dict[str, object] = {"__metadata__": metadata}
        buffer = b""
        for name, dtype, shape, data in self.tensors:
            header[name] = {
                "dtype": dtype,
                "shape": shape,
                "data_offsets": [len(buffer), len(buffer) + len(data)],
            }
            buffer += data
        text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
        text += b" " * (-(8 + len(text)) % 64 if "packed" in metadata else 0)
        return struct.pack("<Q", len(text)) + text + buffer

    def pack(self, width: int, int8: bool) -> None:
        """Into a packed file (docs/model-format.md).

        With `int8` the layers of encoders are rounded to it; all others stay as they are.
        """
        layouts: dict[str, dict[str, Any]] = {
            "F16": {"dtype": "F16", "width": width, "group": 1, "depth_unit": 1},
            "I8": {"dtype": "I8", "width": width, "group": 4, "depth_unit": 64},
        }
        if width == 16:
            layouts["I8"]["quad_limit"] = 258
        self.metadata["packed"] = {
            "version": 1,
            "byte_order": "little",
            "precision": "int8" if int8 else "fp16",
            "layouts": list(layouts.values()) if int8 else [layouts["F16"]],
            "parameters": 1,
        }
        stored = {
            name: (shape, list(struct.unpack(f"<{len(data) // 2}e", data)))
            for name, _, shape, data in self.tensors
        }
        biases = {name.removesuffix(".bias") for name in stored if name.endswith(".bias")}
        layers = [
            name.removesuffix(".weight")
            for name, (shape, _) in stored.items()
            if name.endswith(".weight")
            and len(shape) == 2
            and name.removesuffix(".weight") in biases
        ]
        panels: list[tuple[str, str, list[int], bytes]] = []
        rest = [
            tensor
            for tensor in self.tensors
            if tensor[0].removesuffix(".weight") not in layers or tensor[0].endswith(".bias")
        ]
        for layer in layers:
            if layer.endswith((".key", ".value")):
                continue
            parts = (
                [layer, layer[:-5] + "key", layer[:-5] + "value"]
                if layer.endswith(".query")
                else [layer]
            )
            name = layer + "_key_value" * (len(parts) > 1)
            inputs = stored[layer + ".weight"][0][1]
            rows = [
                values[i : i + inputs]
                for part in parts
                for values in [stored[part + ".weight"][1]]
                for i in range(0, len(values), inputs)
            ]
            layout = layouts["I8" if int8 and ".encoder.layer." in layer else "F16"]
            if layout["dtype"] == "I8":
                scales = [max(map(abs, row)) / 127 for row in rows]
                rows = [
                    [round(value / scale) for value in row]
                    for row, scale in zip(rows, scales, strict=True)
                ]
                rest.append(
                    (
                        name + ".sums",
                        "F32",
                        [len(rows)],
                        struct.pack(f"<{len(rows)}f", *map(sum, rows)),
                    )
                )
                outputs = len(rows) // len(parts)
                rest += [
                    (
                        part + ".weight_scale",
                        "F32",
                        [outputs],
                        struct.pack(f"<{outputs}f", *scales[n * outputs : (n + 1) * outputs]),
                    )
                    for n, part in enumerate(parts)
                ]
            panels.append((name + ".panels", layout["dtype"], *in_panels(rows, layout)))
        self.tensors = panels + rest


def in_panels(rows: list[list[float]], layout: dict[str, Any]) -> tuple[list[int], bytes]:
    """The shape of the panels of a matrix, and their bytes."""
    width, group, unit = (int(layout[key]) for key in ("width", "group", "depth_unit"))
    panels, depth = -(-len(rows) // width), -(-len(rows[0]) // unit) * unit
    values = [
        rows[output][k] if output < len(rows) and k < len(rows[0]) else 0
        for panel in range(panels)
        for d in range(0, depth, group)
        for output in range(panel * width, (panel + 1) * width)
        for k in range(d, d + group)
    ]
    return [panels, depth // group, width, group], struct.pack(
        f"<{len(values)}{'b' if layout['dtype'] == 'I8' else 'e'}", *values
    )
