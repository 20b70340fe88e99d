"""Rendering a page from its template. Everything that is put into one is text: markup in it is escaped."""

from __future__ import annotations

import json
import math
import re
import time
from functools import cache
from typing import Any


def render(template: str, **values: Any) -> str:
    """A page.

    Args:
        template: The name of a file in `pages/`.
        values: What it shows.
    """
    page: str = _environment().get_template(template).render(**values)
    return page


@cache
def _environment() -> Any:
    from jinja2 import Environment, PackageLoader, StrictUndefined  # 60 ms that only a page pays for

    made = Environment(
        loader=PackageLoader("daicho.html", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(moment=moment, number=number, size=size, value=value, half=half)
    return made


# What a terminal would obey and what turns the direction of writing has no place in a page either.
_CONTROLS = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
)


def clean(text: str) -> str:
    """A text without signs that are not seen and change how others are."""
    return _CONTROLS.sub("�", text)


def moment(seconds: float) -> str:
    """A moment in the local time zone; `now` for none."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds)) if seconds else "now"


def number(given: Any) -> str:
    """A number with the digits that count; a text (`NaN`) as it is, nothing for none."""
    if given is None:
        return ""
    if isinstance(given, str) or not math.isfinite(given):
        return str(given)
    if given == int(given) and abs(given) < 1e15:
        return f"{int(given):,}"
    return f"{given:.4g}"


def size(count: int | None) -> str:
    """`512 B`, `29.0 kB`."""
    if count is None:
        return ""
    value, units = float(count), ["B", "kB", "MB", "GB", "TB"]
    while value >= 999.95 and len(units) > 1:
        value /= 1000
        units.pop(0)
    return f"{int(value)} B" if units[0] == "B" else f"{value:.1f} {units[0]}"


def value(given: Any) -> str:
    """A value of any type, as a person reads it."""
    if isinstance(given, bool):
        return "yes" if given else "no"
    return clean(given) if isinstance(given, str) else json.dumps(given, ensure_ascii=False)


def half(name: str) -> str:
    """The part of a run's name by which people find it."""
    return clean(name.rpartition(" ")[2])
