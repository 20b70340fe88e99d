"""How a value shows itself in a notebook: drawn by a face that it does not know."""

from __future__ import annotations

import importlib

_FACE = "daicho.notebook"  # by name: the only way up from here, taken when a notebook asks


def html(value: object) -> str:
    """The value as HTML."""
    drawn: str = importlib.import_module(_FACE).html(value)
    return drawn
