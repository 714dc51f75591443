"""A tree of tensors and JSON values in one safetensors file: nothing in it is executed, and it is never half there."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from understudy.errors import RunError
from understudy.files import replacing

FORMAT = "understudy-checkpoint-1"


def save_tree(path: Path, tree: Any) -> None:
    """Write a tree of dicts, lists, tensors and JSON values, atomically."""
    tensors: dict[str, Tensor] = {}
    skeleton = _pack(tree, tensors, set())
    with replacing(path) as part:
        save_file(tensors, part, metadata={"format": FORMAT, "tree": json.dumps(skeleton)})


def load_tree(path: Path) -> Any:
    """Read what `save_tree` wrote, onto the CPU.

    Raises:
        RunError: the file is missing, damaged or of another format.
    """
    try:
        with safe_open(path, framework="pt", device="cpu") as file:
            metadata = file.metadata() or {}
            if metadata.get("format") != FORMAT:
                raise RunError(f"{path} is not a checkpoint of this version ({FORMAT})")
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 (not a dict)
        return _unpack(json.loads(metadata["tree"]), tensors)
    except (OSError, SafetensorError, ValueError, KeyError, TypeError) as error:
        raise RunError(f"cannot read checkpoint {path}: {error}") from None


def _pack(tree: Any, tensors: dict[str, Tensor], seen: set[int]) -> Any:
    if isinstance(tree, Tensor):
        key = str(len(tensors))
        value = tree.detach().cpu().contiguous()
        memory = value.untyped_storage().data_ptr()
        # safetensors refuses tensors that share memory, as tied weights and views do.
        tensors[key] = value.clone() if memory in seen else value
        seen.add(memory)
        return {"$tensor": key}
    if isinstance(tree, Mapping):
        # As pairs, because JSON would turn an optimizer's integer keys into text.
        return {"$items": [[key, _pack(value, tensors, seen)] for key, value in tree.items()]}
    if isinstance(tree, list | tuple):
        return [_pack(value, tensors, seen) for value in tree]
    return tree


def _unpack(tree: Any, tensors: Mapping[str, Tensor]) -> Any:
    if isinstance(tree, list):
        return [_unpack(value, tensors) for value in tree]
    if isinstance(tree, dict):
        if "$tensor" in tree:
            return tensors[tree["$tensor"]]
        return {key: _unpack(value, tensors) for key, value in tree["$items"]}
    return tree


def save_weights(path: Path, weights: Mapping[str, Tensor]) -> None:
    """Write a network's weights alone, by name, for `load_weights` or any other reader of safetensors."""
    own = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in weights.items()}
    with replacing(path) as part:
        save_file(own, part)


def load_weights(path: Path, module: torch.nn.Module) -> None:
    """Read weights into a module.

    Raises:
        RunError: the file is damaged, or is of another network.
    """
    from safetensors.torch import load_file

    try:
        module.load_state_dict(load_file(path))
    except (OSError, SafetensorError, RuntimeError) as error:
        reason, *details = str(error).splitlines()
        if details:  # PyTorch's, of weights with other names or shapes
            reason = "they are of another network, or of another version's; train it anew. " + details[0].strip()[:200]
        raise RunError(f"cannot load weights {path}: {reason}") from None
