"""Which engines are compared. Each runs in a worker process of its own."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Engine:
    """A row of the table."""

    name: str  # what --only matches
    title: str
    family: str  # who prepares its files and loads it
    kind: str  # what of that family
    exact: bool = False  # computes in fp32 throughout


BASELINE = "onnxruntime-fp32"
REFERENCE = "torch-fp32"  # whose hidden states are taken as right

ENGINES = [
    Engine(BASELINE, "ONNX Runtime fp32, fused", "onnxruntime", "fp32", True),
    Engine("onnxruntime-int8", "ONNX Runtime int8, dynamic", "onnxruntime", "int8"),
    Engine("openvino-fp32", "OpenVINO fp32", "openvino", "fp32", True),
    Engine("openvino-bf16", "OpenVINO bf16", "openvino", "bf16"),
    Engine("openvino-int8-dynamic", "OpenVINO int8 weights, dynamic", "openvino", "int8-dynamic"),
    Engine("openvino-int8-static", "OpenVINO int8, calibrated", "openvino", "int8-static"),
    Engine(REFERENCE, "PyTorch fp32 (transformers, sdpa)", "torch", "fp32", True),
    Engine("torch-bf16", "PyTorch bf16", "torch", "bf16"),
    Engine("torch-int8", "PyTorch int8, dynamic", "torch", "int8"),
    Engine("ctranslate2-fp32", "CTranslate2 fp32", "ctranslate2", "float32", True),
    Engine("ctranslate2-bf16", "CTranslate2 bf16", "ctranslate2", "bfloat16"),
    Engine("ctranslate2-int8", "CTranslate2 int8", "ctranslate2", "int8"),
    Engine("radie-fp32", "radie fp32", "radie", "fp32", True),
    Engine("radie-fp16", "radie fp16-stored", "radie", "fp16"),
    Engine("radie-bf16", "radie bf16", "radie", "bf16"),
    Engine("radie-int8", "radie int8", "radie", "int8"),
]

# Families in the order in which their files are made: each may use those of the ones before it.
FAMILIES = ["torch", "onnxruntime", "openvino", "ctranslate2", "radie"]
