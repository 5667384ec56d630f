"""Reading a checkpoint's weights: safetensors, pickled, whole or in shards."""

from pathlib import Path

from radie_convert.arrays import Tensors
from radie_convert.errors import ConversionError
from radie_convert.jsonfile import read_json_object
from radie_convert.model_file import deserialize

_SINGLE = ("model.safetensors", "pytorch_model.bin")
_PICKLED = (".bin", ".ckpt", ".pt", ".pth")
# Where training scripts keep the weights inside a dictionary of other things.
_STATE_KEYS = ("state_dict", "model_state_dict", "model")


def find_weights(path: Path) -> list[Path]:
    """The weights files of a checkpoint: the file itself, or those of a folder, in order.

    In a folder: `model.safetensors`, else its shards, else `pytorch_model.bin`, else its shards,
    else the only `.safetensors`, else the only `.ckpt`.
    """
    if path.is_file():
        return _shards(path) if path.name.endswith(".index.json") else [path]
    for name in _SINGLE:
        for file in (path / name, path / f"{name}.index.json"):
            if file.is_file():
                return [file] if file.suffix != ".json" else _shards(file)
    for pattern in ("*.safetensors", "*.ckpt"):
        found = sorted(path.glob(pattern))
        if len(found) > 1:
            names = ", ".join(file.name for file in found)
            raise ConversionError(f"{path} holds {names}: name the one to convert")
        if found:
            return found
    raise ConversionError(
        f"{path} holds neither {' nor '.join(_SINGLE)}, nor shards of them, nor a .ckpt file"
    )


def read_weights(files: list[Path]) -> Tensors:
    """The tensors of all files, each name once; bfloat16 is widened, other types are kept."""
    tensors: Tensors = {}
    for file in files:
        read = _read_pickled if file.suffix in _PICKLED else _read_safetensors
        for name, tensor in read(file).items():
            if name in tensors:
                raise ConversionError(f"{file}: tensor {name} stands in another shard, too")
            tensors[name] = tensor
    return tensors


def _shards(index: Path) -> list[Path]:
    weight_map = read_json_object(index).get("weight_map")
    if not isinstance(weight_map, dict):
        raise ConversionError(f"{index} has no weight_map")
    files = []
    for name in sorted({str(value) for value in weight_map.values()}):
        file = index.parent / name
        if Path(name).name != name or not file.is_file():
            raise ConversionError(f"{index} names {name!r}, which is no file beside it")
        files.append(file)
    return files


def _read_safetensors(path: Path) -> Tensors:
    return deserialize(path.read_bytes(), str(path))


def _read_pickled(path: Path) -> Tensors:
    """A torch.save file. Loading one runs pickle: only torch's restricted loader is used."""
    try:
        import torch
    except ImportError as error:
        raise ConversionError(
            f"{path} is a pickled file, which needs PyTorch: install radie-convert[torch], "
            "or save the checkpoint as model.safetensors"
        ) from error
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise ConversionError(_refusal(path, error)) from error
    for key in _STATE_KEYS:
        if isinstance(state, dict) and isinstance(state.get(key), dict):
            state = state[key]
    if not isinstance(state, dict):
        raise ConversionError(f"{path} does not hold a state dict")
    tensors = {
        str(name): (tensor.float() if tensor.is_floating_point() else tensor).numpy()
        for name, tensor in state.items()
        if isinstance(tensor, torch.Tensor)
    }
    if not tensors:
        raise ConversionError(f"{path} holds no tensors")
    return tensors


def _refusal(path: Path, error: Exception) -> str:
    """Why PyTorch did not load a file, and how to make one that it does."""
    reason = str(error).strip().splitlines()[0][:200] if str(error).strip() else repr(error)
    return (
        f"PyTorch cannot load {path} as plain weights (weights_only=True): {reason} "
        "To convert it, save its tensors as safetensors where you trust the file: "
        f"state = torch.load({path.name!r}, map_location='cpu', weights_only=False); "
        "state = state.get('state_dict', state); safetensors.torch.save_file("
        "{k: v.clone().contiguous() for k, v in state.items() if torch.is_tensor(v)}, "
        "'model.safetensors')"
    )
