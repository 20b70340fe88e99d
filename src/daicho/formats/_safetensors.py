"""safetensors: arrays or tensors by name, each to the bit, in a file that cannot run code.

The file says whether they were of numpy or of PyTorch (as its libraries do, by `format`), and they come back so.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from daicho._lazy import need
from daicho.errors import FormatError
from daicho.formats._files import write
from daicho.formats._refusals import not_exact, not_readable, wrong_kind

_SAVES = "a dict of numpy arrays, or of PyTorch tensors"
_TYPES = "it holds numbers and bools, not texts, dates or objects"


class Safetensors:
    """Saves a dict of numpy arrays, or one of PyTorch tensors."""

    name = "safetensors"
    suffixes: tuple[str, ...] = (".safetensors",)
    folder = False
    runs_code = False
    repeats = True

    def save(self, value: Any, path: Path) -> None:
        """Write a dict of arrays, or of tensors."""
        library = _safetensors("safetensors")
        if not isinstance(value, dict):
            raise wrong_kind("safetensors", _SAVES, value, path, 'name it: `{"x": array}`')
        if not all(type(key) is str for key in value):
            raise not_exact("safetensors", "a name in it is no str", path, "rename it")
        if "__metadata__" in value:
            raise not_exact(
                "safetensors", "`__metadata__` is a name that it keeps for itself", path, "rename it"
            )
        try:
            data = _torch_bytes(value, path) if _are_tensors(value) else _numpy_bytes(value, path)
        except FormatError:
            raise
        except (library.SafetensorError, ValueError, TypeError, RuntimeError) as error:
            why = " ".join(str(error).split()).rstrip(".")
            raise not_exact("safetensors", why, path, _TYPES) from error
        write(path, data)

    def load(self, path: Path) -> Any:
        """Give the dict back: of PyTorch tensors if the file says so, else of numpy arrays."""
        library = _safetensors("safetensors")
        data = path.read_bytes()
        try:
            with library.safe_open(path, framework="np") as file:
                of_torch = (file.metadata() or {}).get("format") == "pt"
            return (_torch() if of_torch else _safetensors("safetensors.numpy")).load(data)
        except (library.SafetensorError, ValueError, TypeError, KeyError) as error:
            raise not_readable("safetensors", path, error) from error


def _safetensors(module: str) -> Any:
    return need(module, extra="safetensors", why="the safetensors format")


def _torch() -> Any:
    need("torch", extra="torch", why="a safetensors file of PyTorch tensors")
    return _safetensors("safetensors.torch")


def _are_tensors(value: dict[str, Any]) -> bool:
    torch = sys.modules.get("torch")  # whoever has a tensor has imported it
    return (
        torch is not None and bool(value) and all(isinstance(each, torch.Tensor) for each in value.values())
    )


def _torch_bytes(value: dict[str, Any], path: Path) -> bytes:
    for name, tensor in value.items():
        if tensor.requires_grad or tensor.device.type != "cpu":
            why = f"`value[{name!r}]` has a gradient, or lies on another device"
            raise not_exact("safetensors", why, path, "save `tensor.detach().cpu()`")
    plain = {name: tensor.contiguous() for name, tensor in value.items()}
    data: bytes = _torch().save(plain, metadata={"format": "pt"})
    return data


def _numpy_bytes(value: dict[str, Any], path: Path) -> bytes:
    numpy = need("numpy", extra="tables", why="the safetensors format")
    for name, array in value.items():
        if type(array) not in (numpy.ndarray, numpy.memmap):
            why = f"`value[{name!r}]` is of type `{type(array).__name__}`"
            raise not_exact("safetensors", why, path, f"save {_SAVES}")
        if not array.dtype.isnative:
            why = (
                f"`value[{name!r}]` is of type `{array.dtype}`, whose bytes would come back in another order"
            )
            raise not_exact("safetensors", why, path, "convert it with `.astype(array.dtype.newbyteorder())`")
    # in C order: what is laid out otherwise would be written with its numbers in other places
    plain = {name: numpy.asarray(array, order="C") for name, array in value.items()}
    data: bytes = _safetensors("safetensors.numpy").save(plain, metadata={"format": "np"})
    return data
