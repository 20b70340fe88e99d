"""plotly: an interactive figure as the JSON that plotly.js draws; keys are sorted and traces have no ids.

What is kept is what is drawn: a date within it comes back as its text, an array as plotly's own encoding of it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from daicho._lazy import need
from daicho.formats._files import write
from daicho.formats._refusals import not_exact, not_readable, wrong_kind


class Plotly:
    """Saves a plotly Figure."""

    name = "plotly"
    suffixes: tuple[str, ...] = (".plotly.json", ".plotly")
    folder = False
    runs_code = False
    repeats = True

    def save(self, value: Any, path: Path) -> None:
        """Write a figure, after a look at whether it would be drawn the same."""
        graphs, plotly = _plotly("plotly.graph_objects"), _plotly("plotly.io")
        if not isinstance(value, graphs.Figure):
            hint = "turn it into one with `plotly.graph_objects.Figure(...)`"
            raise wrong_kind("plotly", "a plotly Figure", value, path, hint)
        try:
            data = _bytes(plotly, value)
            same = data == _bytes(plotly, plotly.from_json(data.decode("utf-8"), engine="json"))
        except (ValueError, TypeError) as error:
            raise not_exact("plotly", str(error).strip().splitlines()[0].rstrip("."), path) from error
        if not same:
            raise not_exact(
                "plotly", "it would not be drawn as it is", path, "use plain numbers, texts and dates"
            )
        write(path, data)

    def load(self, path: Path) -> Any:
        """Give a Figure back."""
        plotly = _plotly("plotly.io")
        try:
            text = path.read_bytes().decode("utf-8")
            found = plotly.from_json(text, engine="json") if isinstance(json.loads(text), dict) else None
        except (ValueError, TypeError, RecursionError) as error:
            raise not_readable("plotly", path, error) from error
        if found is None:
            raise not_readable("plotly", path, "it is no figure")
        return found


def _plotly(module: str) -> Any:
    return need(module, extra="plotly", why="the plotly format")


def _bytes(plotly: Any, figure: Any) -> bytes:
    # plotly writes by orjson where that is installed, and then otherwise
    values = json.loads(plotly.to_json(figure, engine="json"))
    return json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8")
