"""Places for the boxes of a layered graph, left to right: which column, in which order, at which height.

Sugiyama's steps in their plainest form. What could be had in Python needs a binary, half a second of imports, or has
not been kept for years; boxes in columns need no more than this.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean

GAP_X, GAP_Y = 48.0, 14.0
_SWEEPS = 8
_MOST_BENDS = 20_000  # edges bend around boxes only as long as that takes no more points than this

Box = tuple[float, float]  # width, height
Point = tuple[float, float]
_Id = int | tuple[int, int, int]  # a box, or the bend of an edge (from, to) in a column


@dataclass(frozen=True)
class Layout:
    """Where everything is: the left upper corner of each box, the points of each edge, the size of the whole."""

    corners: tuple[Point, ...]
    lines: Mapping[tuple[int, int], tuple[Point, ...]]
    width: float
    height: float


def lay_out(boxes: Sequence[Box], edges: Sequence[tuple[int, int]]) -> Layout:
    """Place boxes so that each stands to the right of all that it needs.

    Args:
        boxes: The size of each.
        edges: Pairs of places in `boxes`: the needed one, and the one that needs it. No rings.
    """
    column = columns(len(boxes), edges)
    paths = _paths(edges, column)
    layers = _ordered(len(boxes), column, paths)
    heights = {each: boxes[each][1] if isinstance(each, int) else 0.0 for layer in layers for each in layer}
    middle = _middles(layers, heights, _neighbours(paths.values()))
    left = _lefts(layers, boxes)
    corners = tuple((left[column[n]], middle[n] - boxes[n][1] / 2) for n in range(len(boxes)))
    lines = {edge: _points(path, boxes, column, left, middle) for edge, path in paths.items()}
    width = max((x + boxes[n][0] for n, (x, _) in enumerate(corners)), default=0.0)
    height = max((y + boxes[n][1] for n, (_, y) in enumerate(corners)), default=0.0)
    return Layout(corners, lines, width, height)


def columns(count: int, edges: Sequence[tuple[int, int]]) -> list[int]:
    """The column of each box: one further than the furthest that it needs."""
    after: list[list[int]] = [[] for _ in range(count)]
    missing = [0] * count
    for needed, one in edges:
        after[needed].append(one)
        missing[one] += 1
    found = [0] * count
    ready = [n for n in range(count) if not missing[n]]
    while ready:
        needed = ready.pop()
        for one in after[needed]:
            found[one] = max(found[one], found[needed] + 1)
            missing[one] -= 1
            if not missing[one]:
                ready.append(one)
    return found


def _paths(edges: Sequence[tuple[int, int]], column: Sequence[int]) -> dict[tuple[int, int], list[_Id]]:
    """Each edge with a bend in every column that it passes."""
    bends = sum(column[b] - column[a] - 1 for a, b in edges)
    return {
        (a, b): [a, *((a, b, c) for c in range(column[a] + 1, column[b]) if bends <= _MOST_BENDS), b]
        for a, b in edges
    }


def _ordered(
    count: int, column: Sequence[int], paths: Mapping[tuple[int, int], list[_Id]]
) -> list[list[_Id]]:
    """The columns, each sorted by where its neighbours stand, to and fro, so that few edges cross."""
    layers: list[list[_Id]] = [[] for _ in range(max(column, default=-1) + 1)]
    for n in range(count):
        layers[column[n]].append(n)
    for path in paths.values():
        for each in path[1:-1]:
            assert not isinstance(each, int)
            layers[each[2]].append(each)
    neighbours = _neighbours(paths.values())
    place = {each: float(at) for layer in layers for at, each in enumerate(layer)}
    for sweep in range(_SWEEPS):
        for layer in layers if sweep % 2 == 0 else reversed(layers):
            side = 0 if sweep % 2 == 0 else 1
            wanted = {
                each: fmean(place[other] for other in found)
                if (found := neighbours[each][side])
                else place[each]
                for each in layer
                if each in neighbours
            }
            layer.sort(key=lambda each: wanted.get(each, place[each]))
            place.update({each: float(at) for at, each in enumerate(layer)})
    return layers


def _neighbours(paths: Iterable[Sequence[_Id]]) -> dict[_Id, tuple[list[_Id], list[_Id]]]:
    """What stands before and after each."""
    found: dict[_Id, tuple[list[_Id], list[_Id]]] = {}
    for path in paths:
        for before, after in pairwise(path):
            found.setdefault(before, ([], []))[1].append(after)
            found.setdefault(after, ([], []))[0].append(before)
    return found


def _middles(
    layers: Sequence[Sequence[_Id]],
    heights: Mapping[_Id, float],
    neighbours: Mapping[_Id, tuple[list[_Id], list[_Id]]],
) -> dict[_Id, float]:
    """The height of each middle: as near to its neighbours' as the order and the boxes' sizes allow."""
    middle: dict[_Id, float] = {}
    for layer in layers:
        middle.update(zip(layer, _apart([0.0] * len(layer), [heights[n] for n in layer]), strict=True))
    for sweep in range(_SWEEPS):
        for layer in layers if sweep % 2 == 0 else reversed(layers):
            wanted = [
                fmean(middle[other] for other in found)
                if (found := [other for side in neighbours.get(each, ()) for other in side])
                else middle[each]
                for each in layer
            ]
            middle.update(zip(layer, _apart(wanted, [heights[n] for n in layer]), strict=True))
    top = min((middle[n] - heights[n] / 2 for n in middle), default=0.0)
    return {each: at - top for each, at in middle.items()}


def _apart(wanted: Sequence[float], heights: Sequence[float]) -> list[float]:
    """The heights nearest to the wanted ones at which no two touch: least squares, by pooling those that would."""
    offsets = [0.0]
    for above, below in pairwise(heights):
        offsets.append(offsets[-1] + (above + below) / 2 + GAP_Y)
    pools: list[
        tuple[float, int]
    ] = []  # the mean of some that stand as close as they can, and how many they are
    for want, offset in zip(wanted, offsets, strict=False):
        mean, many = want - offset, 1
        while pools and pools[-1][0] > mean:
            other, more = pools.pop()
            mean, many = (mean * many + other * more) / (many + more), many + more
        pools.append((mean, many))
    spread = [mean for mean, many in pools for _ in range(many)]
    return [mean + offset for mean, offset in zip(spread, offsets, strict=False)]


def _lefts(layers: Sequence[Sequence[_Id]], boxes: Sequence[Box]) -> list[float]:
    """Where each column begins."""
    lefts, at = [], 0.0
    for layer in layers:
        lefts.append(at)
        at += max((boxes[each][0] for each in layer if isinstance(each, int)), default=0.0) + GAP_X
    return lefts


def _points(
    path: Sequence[_Id],
    boxes: Sequence[Box],
    column: Sequence[int],
    left: Sequence[float],
    middle: Mapping[_Id, float],
) -> tuple[Point, ...]:
    """An edge from the right side of one box, past others, to the left side of another."""
    points: list[Point] = []
    for each in path[:-1]:
        if isinstance(each, int):
            points.append((left[column[each]] + boxes[each][0], middle[each]))
        else:
            start = left[each[2]]
            points += [(start, middle[each]), (left[each[2] + 1] - GAP_X, middle[each])]
    last = path[-1]
    assert isinstance(last, int)
    return (*points, (left[column[last]], middle[last]))
