"""jsonl: a list of plain Python values, one on each line, to the bit; each line is what the json format keeps."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from daicho.formats._files import write
from daicho.formats._json import check
from daicho.formats._refusals import not_exact, not_readable, wrong_kind


class Jsonl:
    """Saves a list of dicts with str keys, lists, str, int, float, bool and None."""

    name = "jsonl"
    suffixes: tuple[str, ...] = (".jsonl", ".ndjson")
    folder = False
    runs_code = False
    repeats = True

    def save(self, value: Any, path: Path) -> None:
        """Write each item of a list as a line, with sorted keys."""
        if not isinstance(value, list):
            raise wrong_kind(
                "jsonl", "a list of plain values", value, path, "turn it into one with `list(...)`"
            )
        try:
            check("jsonl", value, path)
            data = "".join(f"{_line(item)}\n" for item in value).encode()
        except UnicodeEncodeError as error:
            raise not_exact("jsonl", "a str in it holds half of a surrogate pair", path) from error
        except RecursionError as error:
            raise not_exact("jsonl", "it is nested too deeply, or holds itself", path) from error
        write(path, data)

    def load(self, path: Path) -> Any:
        """Give the list back; empty lines are passed over."""
        # Only a newline ends a line here: a str may hold other characters that `splitlines` takes for ends.
        lines = enumerate(path.read_bytes().split(b"\n"), 1)
        return [_value(line, number, path) for number, line in lines if line.strip()]


def _value(line: bytes, number: int, path: Path) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        raise not_readable("jsonl", path, f"line {number}: {error}") from error


def _line(item: Any) -> str:
    return json.dumps(item, ensure_ascii=False, allow_nan=False, sort_keys=True)
