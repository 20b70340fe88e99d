"""Luigi's own reader of TOML works without the package `toml`, which nobody keeps any more.

Where `LUIGI_CONFIG_PATH` names a TOML file, Luigi asks for that package as soon as it is imported: so this comes first.
"""

from __future__ import annotations

import importlib
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any


def enable() -> None:
    """Let Luigi read TOML by the standard library where `toml` is not installed."""
    if find_spec("toml") is not None:
        return
    stand_in = ModuleType("toml")
    vars(stand_in)["load"] = _load
    if "luigi" in sys.modules:
        parser: Any = importlib.import_module("luigi.configuration.toml_parser")
        parser.toml, parser.LuigiTomlParser.enabled = stand_in, True
        return
    sys.modules["toml"] = stand_in
    try:
        importlib.import_module("luigi")
    finally:
        del sys.modules["toml"]  # for Luigi alone: others may look whether it is there


def _load(path: str) -> dict[str, Any]:
    return tomllib.loads(Path(path).read_text(encoding="utf-8"))
