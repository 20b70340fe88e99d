"""The events of a run as a stream for other programs: JSON lines, each written at once.

{"event": "task_started", "time": 1795502167.25, "task_id": "...", "name": "Trainer", ...}
"""

from __future__ import annotations

import json
import math
import re
import threading
import time
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO

from daicho.errors import UsageError
from daicho.events import Event

_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")


class EventStream:
    """An observer of runs that writes what happens to a file; a context manager.

    Args:
        file: A path, whose file is written anew, or something that is open for writing text.

    Attributes:
        error: Why nothing more could be written, if so: a run does not end because nobody reads of it.

    Raises:
        UsageError: If the file cannot be written.
    """

    def __init__(self, file: str | Path | TextIO) -> None:
        self._own = isinstance(file, str | Path)
        self._file = _opened(file) if isinstance(file, str | Path) else file
        self._lock = threading.Lock()
        self.error: OSError | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._own:
            self._file.close()

    def __call__(self, event: Event) -> None:
        """Write an event, and see that it is out."""
        with self._lock:
            if self.error is not None:
                return
            try:
                self._file.write(json.dumps(to_json(event, time.time())) + "\n")
                self._file.flush()
            except OSError as error:
                self.error = error


def _opened(file: str | Path) -> TextIO:
    try:
        return Path(file).open("w", encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"the events cannot be written to `{file}`: {error.strerror}",
            hints=("name a file in a folder that is there",),
        ) from error


def to_json(event: Event, now: float) -> dict[str, Any]:
    """An event as a JSON value; `now` is in seconds since the epoch, UTC."""
    name = _CAPITAL.sub("_", type(event).__name__).lower()
    return {"event": name, "time": round(now, 6), **_plain(event)}


def _plain(value: Any) -> Any:
    """A JSON value in which numbers that JSON lacks are texts."""
    if is_dataclass(value):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value
