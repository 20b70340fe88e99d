"""Tables of configuration as TOML, which Python reads and does not write."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any


def written(tables: Mapping[str, Mapping[str, Any]]) -> str:
    """Tables of values as a file that reads back as the same, but for tables that are empty.

    Args:
        tables: What `tomllib` gives, or JSON values without null.
    """
    return "\n".join(
        f"[{_text(name)}]\n" + "".join(f"{_text(key)} = {_value(value)}\n" for key, value in table.items())
        for name, table in tables.items()
        if table
    )


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_text(str(key))} = {_value(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    return _text(str(value))


def _text(text: str) -> str:
    # JSON's texts are TOML's, but for a control character that JSON lets stand.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
