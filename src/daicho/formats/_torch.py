"""pt: PyTorch's own files, of tensors and plain containers alone: what `torch.load(weights_only=True)` reads.

So loading runs no code. A whole module cannot be kept: its `state_dict()` can. The bytes may differ for equal
values (a view takes the whole tensor with it); those of safetensors do not.
"""

from __future__ import annotations

import io
import pickle
from pathlib import Path
from typing import Any

from daicho._lazy import need
from daicho.formats._files import write
from daicho.formats._refusals import not_exact, not_readable

_HINT = "save tensors in dicts and lists; of a module save its `state_dict()`"
_SAYS_WHY = "WeightsUnpickler error:"


class Torch:
    """Saves tensors, and dicts and lists of them and of plain values."""

    name = "pt"
    suffixes: tuple[str, ...] = (".pt", ".pth")
    folder = False
    runs_code = False
    repeats = False

    def save(self, value: Any, path: Path) -> None:
        """Write a value, after a look at whether it would be loaded again."""
        torch = _torch()
        buffer = io.BytesIO()
        try:
            torch.save(value, buffer)
            torch.load(io.BytesIO(buffer.getbuffer()), weights_only=True)
        except Exception as error:  # pickling runs methods of the value, which may raise anything
            raise not_exact("pt", _said(error), path, _HINT) from error
        write(path, buffer.getbuffer())

    def load(self, path: Path) -> Any:
        """Give the value back; a file that would run code is refused."""
        torch = _torch()
        with path.open("rb") as file:
            try:
                return torch.load(file, weights_only=True)
            except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError, KeyError) as error:
                raise not_readable("pt", path, _said(error)) from error


def _torch() -> Any:
    return need("torch", extra="torch", why="the pt format")


def _said(error: Exception) -> str:
    """What was wrong: PyTorch gives long advice around it."""
    text = str(error)
    at = text.find(_SAYS_WHY)
    lines = (text[at + len(_SAYS_WHY) :] if at >= 0 else text).strip().splitlines()
    return lines[0].strip().rstrip(".") if lines else type(error).__name__
