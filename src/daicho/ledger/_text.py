"""A value as MLflow shows it: a text as it is, everything else as JSON."""

from __future__ import annotations

import json


def plain(value: object) -> str:
    """The text of a parameter's value."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
