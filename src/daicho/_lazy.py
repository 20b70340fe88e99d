"""Libraries that are heavy or optional: imported at the call that needs them, with a sentence when missing."""

from __future__ import annotations

import importlib
from typing import Any

from daicho.errors import MissingExtraError


def need(module: str, *, extra: str, why: str) -> Any:
    """Import a module of an optional library.

    Args:
        module: The dotted name of the module.
        extra: The extra of daicho that brings it.
        why: What needs it, for the message: "the csv format", for example.

    Raises:
        MissingExtraError: If the library is not installed.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        missing = error.name or module
        if missing.partition(".")[0] != module.partition(".")[0]:
            raise  # something else is missing further in: not ours to explain away
        raise MissingExtraError(
            f"{why} needs the library `{missing.partition('.')[0]}`, which is not installed",
            hints=(f"install it with: pip install 'daicho[{extra}]'",),
        ) from error
