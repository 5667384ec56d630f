"""Loads one engine and gives back a function from a call (sequences of ids) to hidden states.

All of them pad a batch to its longest sequence and mask the padding, as their users must. Nothing
is imported but what the chosen engine needs.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from prepare import CHECKPOINT
from workloads import Call

States = npt.NDArray[np.float32]  # [sequences, longest, hidden]
Encode = Callable[[Call], States]
Ids = npt.NDArray[np.int64]


def padded(call: Call) -> tuple[Ids, Ids]:
    """Ids filled up with 0, and the mask that says which are real."""
    longest = max(map(len, call))
    ids = np.zeros((len(call), longest), dtype=np.int64)
    mask = np.zeros_like(ids)
    for row, sequence in enumerate(call):
        ids[row, : len(sequence)] = sequence
        mask[row, : len(sequence)] = 1
    return ids, mask


def load_onnxruntime(folder: Path, kind: str, threads: int) -> Encode:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    path = folder / ("fused.onnx" if kind == "fp32" else "int8.onnx")
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def encode(call: Call) -> States:
        ids, mask = padded(call)
        (states,) = session.run(None, {"input_ids": ids, "attention_mask": mask})
        result: States = states
        return result

    return encode


def load_openvino(folder: Path, kind: str, threads: int) -> Encode:
    import openvino

    name = {"fp32": "fp32", "bf16": "fp32"}.get(kind, kind)
    settings: dict[str, Any] = {
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_NUM_THREADS": threads,
        "NUM_STREAMS": 1,
        "INFERENCE_PRECISION_HINT": "bf16" if kind == "bf16" else "f32",
    }
    if kind == "int8-dynamic":
        settings["DYNAMIC_QUANTIZATION_GROUP_SIZE"] = 32
    core = openvino.Core()
    if kind == "bf16" and "BF16" not in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
        raise RuntimeError("this processor has no bf16 for OpenVINO")
    compiled = core.compile_model(folder / f"ov-{name}.xml", "CPU", settings)
    request = compiled.create_infer_request()

    def encode(call: Call) -> States:
        ids, mask = padded(call)
        result = request.infer({"input_ids": ids, "attention_mask": mask})
        states: States = result[0]
        return states

    return encode


def load_torch(folder: Path, kind: str, threads: int) -> Encode:
    import torch
    from transformers import BertModel

    torch.set_num_threads(threads)
    model = BertModel.from_pretrained(folder / CHECKPOINT, attn_implementation="sdpa").eval()
    if kind == "bf16":
        model = model.to(torch.bfloat16)
    if kind == "int8":
        linear = {torch.nn.Linear}
        model = torch.ao.quantization.quantize_dynamic(model, linear, dtype=torch.qint8)

    def encode(call: Call) -> States:
        ids, mask = padded(call)
        with torch.inference_mode():
            out = model(torch.from_numpy(ids), torch.from_numpy(mask)).last_hidden_state
        states: States = out.float().numpy()
        return states

    return encode


def load_ctranslate2(folder: Path, kind: str, threads: int) -> Encode:
    import ctranslate2

    supported = ctranslate2.get_supported_compute_types("cpu")
    if kind not in supported:
        raise RuntimeError(f"CTranslate2 has no {kind} on this processor")
    encoder = ctranslate2.Encoder(
        str(folder / "ct2"), device="cpu", compute_type=kind, intra_threads=threads, inter_threads=1
    )

    def encode(call: Call) -> States:
        states = encoder.forward_batch(call).last_hidden_state
        if kind == "bfloat16":
            states = states.to(ctranslate2.DataType.float32)
        return np.array(states, dtype=np.float32)

    return encode


LOADERS: dict[str, Callable[[Path, str, int], Encode]] = {
    "onnxruntime": load_onnxruntime,
    "openvino": load_openvino,
    "torch": load_torch,
    "ctranslate2": load_ctranslate2,
}
