"""A graph of tasks as SVG: one file that needs nothing from elsewhere, light or dark as its reader's screen is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

from daicho.html.layout import Point, lay_out
from daicho.html.page import clean

State = Literal["run", "undecided", "reuse", "plain"]

_MARKS: dict[State, str] = {"run": "↻", "undecided": "?", "reuse": "·", "plain": ""}
_LETTER = 7.0  # how wide a letter of 12 points in a fixed-width font is, and a little
_LONGEST = 40
_MARGIN = 12.0

_STYLE = """
.daicho-graph { font: 12px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; color-scheme: light dark }
.daicho-graph rect { fill: #f6f8fa; stroke: #8c959f }
.daicho-graph text { fill: #1f2328 }
.daicho-graph .note { fill: #59636e; font-size: 10.5px }
.daicho-graph path { fill: none; stroke: #8c959f }
.daicho-graph marker path { fill: #8c959f; stroke: none }
.daicho-graph .run rect { fill: #fff8c5; stroke: #9a6700 }
.daicho-graph .undecided rect { fill: #ddf4ff; stroke: #0969da; stroke-dasharray: 4 3 }
.daicho-graph .several { stroke-width: 2.5 }
@media (prefers-color-scheme: dark) {
.daicho-graph rect { fill: #212830; stroke: #656c76 }
.daicho-graph text { fill: #e6edf3 }
.daicho-graph .note { fill: #9198a1 }
.daicho-graph path { stroke: #656c76 }
.daicho-graph marker path { fill: #656c76 }
.daicho-graph .run rect { fill: #3b2e12; stroke: #d29922 }
.daicho-graph .undecided rect { fill: #121d2f; stroke: #4493f8 }
}
"""


@dataclass(frozen=True)
class Box:
    """What stands in a box: a name, a line below it, the colour, and what is told where one points at it."""

    name: str
    note: str = ""
    state: State = "plain"
    several: bool = False
    title: str = ""


def svg(boxes: Sequence[Box], edges: Sequence[tuple[int, int]], *, title: str) -> str:
    """A picture of a graph.

    Args:
        boxes: The boxes.
        edges: Pairs of places in `boxes`: the needed one, and the one that needs it.
        title: What the picture is of, for those who cannot see it.
    """
    sizes = [(_width(box), 40.0 if box.note else 26.0) for box in boxes]
    layout = lay_out(sizes, edges)
    width, height = layout.width + 2 * _MARGIN, layout.height + 2 * _MARGIN
    drawn = [_edge(points) for points in layout.lines.values()]
    drawn += [_box(*each) for each in zip(boxes, layout.corners, sizes, strict=True)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="daicho-graph" role="img" width="{width:.0f}" '
        f'height="{height:.0f}" viewBox="{-_MARGIN:.0f} {-_MARGIN:.0f} {width:.0f} {height:.0f}">\n'
        f"<title>{_text(title)}</title><style>{_STYLE}</style>\n"
        '<defs><marker id="daicho-arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" '
        'orient="auto"><path d="M0 0 8 4 0 8z"/></marker></defs>\n' + "\n".join(drawn) + "\n</svg>\n"
    )


def _width(box: Box) -> float:
    return 20 + _LETTER * max(len(_shown(box)), len(_short(box.note)) * 0.9)


def _shown(box: Box) -> str:
    mark = _MARKS[box.state]
    return f"{mark} {_short(box.name)}" if mark else _short(box.name)


def _short(text: str) -> str:
    text = clean(text)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _box(box: Box, corner: Point, size: tuple[float, float]) -> str:
    (x, y), (width, height) = corner, size
    several = ' class="several"' if box.several else ""
    note = (
        f'<text class="note" x="{x + 10:.1f}" y="{y + 32:.1f}">{_text(_short(box.note))}</text>'
        if box.note
        else ""
    )
    return (
        f'<g class="{box.state}"><title>{_text(box.title or box.name)}</title>'
        f'<rect{several} x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="5"/>'
        f'<text x="{x + 10:.1f}" y="{y + 17:.1f}">{_text(_shown(box))}</text>{note}</g>'
    )


def _edge(points: Sequence[Point]) -> str:
    """A line that leaves and arrives level, and swings between."""
    (x, y), *rest = points
    path = f"M{x:.1f} {y:.1f}"
    for to_x, to_y in rest:
        half = (x + to_x) / 2
        path += f"C{half:.1f} {y:.1f} {half:.1f} {to_y:.1f} {to_x:.1f} {to_y:.1f}"
        x, y = to_x, to_y
    return f'<path d="{path}" marker-end="url(#daicho-arrow)"/>'


def _text(text: str) -> str:
    return escape(clean(text))
