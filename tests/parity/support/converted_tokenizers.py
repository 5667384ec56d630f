"""Tokenisers as transformers saves them, converted into model files."""

import json
import shutil
from pathlib import Path

import numpy as np
import transformers
from radie_convert.build import BuildOptions, build_model
from radie_convert.encoder import encoder_shapes
from safetensors.numpy import save_file
from transformers import T5Tokenizer

from support.tokenizer_cases import Case


def model_cases(work: Path, cases: list[Case]) -> list[Case]:
    """Cases once more by way of the folder that transformers saves, radie-convert and the model
    file."""
    made = []
    for case, name in ((c, f"model{i}") for i, c in enumerate(cases) if c.saved is not None):
        folder = work / name
        case.saved.save_pretrained(str(folder))
        if (work / "t5/spiece.model").exists() and isinstance(case.saved, T5Tokenizer):
            shutil.copy(work / "t5/spiece.model", folder)
        rows = len(case.saved)
        settings = {
            "model_type": "bert",
            "hidden_size": 4,
            "num_hidden_layers": 1,
            "num_attention_heads": 1,
            "intermediate_size": 4,
            "max_position_embeddings": 8,
            "type_vocab_size": 1,
            "hidden_act": "gelu",
            "layer_norm_eps": 1e-12,
            "vocab_size": rows,
            "transformers_version": transformers.__version__,
        }
        (folder / "config.json").write_text(json.dumps(settings))
        tensors = {n: np.zeros(shape, np.float32) for n, shape in encoder_shapes(settings).items()}
        save_file(tensors, str(folder / "model.safetensors"))
        path = work / f"{name}.radie"
        build_model(
            path, encoder=folder, options=BuildOptions(normalization="none", sentences="none")
        )
        dictionary = (
            case.arguments[case.arguments.index("--dictionary") :][:2]
            if "--dictionary" in case.arguments
            else []
        )
        made.append(
            case._replace(
                name=case.name + ", converted", arguments=["--model", str(path), *dictionary]
            )
        )
    return made
