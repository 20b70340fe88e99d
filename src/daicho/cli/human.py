"""Times, sizes, numbers and places as a person says them."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Iterable, Mapping
from pathlib import Path


def duration(seconds: float) -> str:
    """`0.4 s`, `1:12`, `2 h 5 min`, `3 d 4 h`."""
    if seconds < 59.95:
        return f"{max(seconds, 0):.1f} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02}"
    minutes = whole // 60
    if minutes < 24 * 60:
        return f"{minutes // 60} h {minutes % 60} min"
    hours = minutes // 60
    return f"{hours // 24} d {hours % 24} h"


def size(count: int) -> str:
    """`512 B`, `29.0 kB`, `1.2 GB`: in thousands, as disks are sold."""
    if count < 1000:
        return f"{count} B"
    value, units = count / 1000, ["kB", "MB", "GB", "TB"]
    while value >= 999.95 and len(units) > 1:
        value /= 1000
        units.pop(0)
    return f"{value:.1f} {units[0]}"


def number(value: float) -> str:
    """A metric with three digits that count: `0.825`, `1234`, `2.5e-07`."""
    if not math.isfinite(value):
        return str(value)
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    if 100 <= abs(value) < 1e6:
        return f"{value:.1f}"
    return f"{value:.3g}"


def metrics(values: Mapping[str, float], most: int = 6) -> str:
    """`accuracy 0.825, f1 0.764`: in the order in which they were logged, the rest counted."""
    shown = [f"{name} {number(value)}" for name, value in list(values.items())[:most]]
    more = len(values) - len(shown)
    return ", ".join(shown + ([f"and {more} more"] if more else []))


def count(number_of: int, what: str) -> str:
    """`1 task`, `3 tasks`."""
    return f"{number_of:,} {what}" + ("" if number_of == 1 else "s")


def counts(pairs: Iterable[tuple[int, str]]) -> str:
    """`3 ran, 1 failed`: those that are not none."""
    return ", ".join(f"{number_of:,} {what}" for number_of, what in pairs if number_of)


def when(seconds: float) -> str:
    """A moment in the local time zone: `2026-11-23 10:02:31`."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))


def place(path: str | Path, here: Path) -> str:
    """A path as it is typed from this folder, where it lies below it; else the whole."""
    absolute = os.path.normpath(here / path)
    inside = absolute == str(here) or absolute.startswith(str(here).rstrip(os.sep) + os.sep)
    return os.path.relpath(absolute, here) if inside else absolute


def folder(paths: Mapping[str, str], names: Mapping[str, str], here: Path) -> str | None:
    """The one folder in which outputs lie, given paths and names by attribute; None where there is none."""
    folders = {path.removesuffix(names.get(role, "")).rstrip(os.sep) for role, path in paths.items()}
    return place(folders.pop(), here) if len(folders) == 1 else None


def store(address: str, here: Path) -> str:
    """A store's address: an SQLite file by its path."""
    path = address.partition("sqlite:///")[2]
    if not path:
        return address
    shown = place(path, here)
    return shown if os.path.isabs(shown) else f"./{shown}"


def commit(name: str, *, dirty: bool) -> str:
    """`commit 4f2a9c1, with local changes`."""
    return f"commit {name[:7]}" + (", with local changes" if dirty else "")


def second_half(name: str) -> str:
    """The part of a pipeline run's name by which people find it: `calm-harbour-41` of `Prediction calm-harbour-41`."""
    return name.rpartition(" ")[2]
