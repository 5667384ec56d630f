"""Makes one family's model files: the same random weights for all, converted by the engine's tools.

    prepare.py FAMILY FOLDER SIZE

FOLDER is shared by the families. What is there already is kept. Run as a process of its own, so
that a converter that crashes takes nothing with it.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from workloads import FIRST_WORD, VOCABULARY, sequences

SIZES = {  # layers, hidden size, heads, intermediate size
    "bert-base": (12, 768, 12, 3072),
    "bert-mini": (4, 256, 4, 1024),
}
CHECKPOINT = "checkpoint"


def make_checkpoint(folder: Path, size: str) -> None:
    """A folder as save_pretrained leaves it, weights as safetensors."""
    import torch
    from transformers import BertConfig, BertModel

    layers, hidden, heads, inner = SIZES[size]
    torch.manual_seed(20240501)
    config = BertConfig(
        vocab_size=VOCABULARY,
        hidden_size=hidden,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        intermediate_size=inner,
        position_embedding_type="absolute",  # CTranslate2's converter asks for it by name
    )
    target = folder / CHECKPOINT
    BertModel(config).eval().save_pretrained(target)
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    words = [f"w{n}" for n in range(FIRST_WORD, VOCABULARY)]
    (target / "vocab.txt").write_text("\n".join([*special, *words]) + "\n", encoding="ascii")
    (target / "tokenizer_config.json").write_text('{"tokenizer_class": "BertTokenizer"}\n')


def make_onnx(folder: Path, size: str) -> None:
    """plain.onnx; fused.onnx by ONNX Runtime's optimiser for transformers; int8.onnx from that."""
    import onnx
    import torch
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.transformers import optimizer
    from transformers import BertModel

    layers, hidden, heads, _ = SIZES[size]
    # The optimiser knows eager attention as the older of PyTorch's exporters writes it.
    model = BertModel.from_pretrained(folder / CHECKPOINT, attn_implementation="eager").eval()

    class States(torch.nn.Module):
        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            states: torch.Tensor = model(input_ids, attention_mask).last_hidden_state
            return states

    module = States()
    module.model = model
    ids = torch.tensor(sequences([8, 8]))
    axes = {0: "batch", 1: "tokens"}
    names = ["input_ids", "attention_mask"]
    plain = folder / "plain.onnx"
    torch.onnx.export(
        module,
        (ids, torch.ones_like(ids)),
        str(plain),
        input_names=names,
        output_names=["states"],
        dynamic_axes={name: axes for name in [*names, "states"]},
        opset_version=17,
        dynamo=False,
    )
    fused = optimizer.optimize_model(
        str(plain), model_type="bert", num_heads=heads, hidden_size=hidden, opt_level=1
    )
    found = [node.op_type for node in fused.model.graph.node]
    counts = (found.count("Attention"), found.count("SkipLayerNormalization"))
    if counts != (layers, 2 * layers):
        raise RuntimeError(f"not fused: {counts[0]} Attention, {counts[1]} SkipLayerNormalization")
    fused.save_model_to_file(str(folder / "fused.onnx"))
    # Its shape inference does not know the operators that fusing has put in.
    quantize_dynamic(
        folder / "fused.onnx",
        folder / "int8.onnx",
        weight_type=QuantType.QInt8,
        extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
    )


def make_openvino(folder: Path, size: str) -> None:
    """ov-fp32.xml; with NNCF ov-int8-dynamic.xml (weights only) and ov-int8-static.xml."""
    import numpy
    import openvino

    model = openvino.convert_model(str(folder / "plain.onnx"))
    openvino.save_model(model, folder / "ov-fp32.xml", compress_to_fp16=False)

    import nncf

    weights = nncf.compress_weights(openvino.convert_model(str(folder / "plain.onnx")))
    openvino.save_model(weights, folder / "ov-int8-dynamic.xml", compress_to_fp16=False)

    def inputs(ids: list[int]) -> dict[str, Any]:
        array = numpy.array([ids], dtype=numpy.int64)
        return {"input_ids": array, "attention_mask": numpy.ones_like(array)}

    items = [inputs(ids) for ids in sequences([16, 32, 48, 64, 96, 128] * 4, 21)]
    static = nncf.quantize(
        model,
        nncf.Dataset(items),
        model_type=nncf.ModelType.TRANSFORMER,
        subset_size=len(items),
    )
    openvino.save_model(static, folder / "ov-int8-static.xml", compress_to_fp16=False)


def make_ctranslate2(folder: Path, size: str) -> None:
    from ctranslate2.converters import TransformersConverter

    TransformersConverter(str(folder / CHECKPOINT)).convert(str(folder / "ct2"), force=True)


def make_radie(folder: Path, size: str) -> None:
    from radie_convert.cli import main

    output = str(folder / "model.radie")
    arguments = ["--encoder", str(folder / CHECKPOINT), "--output", output, "--license", "none"]
    if main(["build", *arguments]) != 0:
        raise RuntimeError("radie-convert failed")


# Maker and the last file it writes.
MAKERS: dict[str, tuple[Callable[[Path, str], None], str]] = {
    "torch": (make_checkpoint, f"{CHECKPOINT}/tokenizer_config.json"),
    "onnxruntime": (make_onnx, "int8.onnx"),
    "openvino": (make_openvino, "ov-int8-static.xml"),
    "ctranslate2": (make_ctranslate2, "ct2/model.bin"),
    "radie": (make_radie, "model.radie"),
}


def main(family: str, folder: Path, size: str) -> None:
    make, last = MAKERS[family]
    if not (folder / last).exists():
        make(folder, size)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
