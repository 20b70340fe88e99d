"""Where the boxes of a graph stand."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from daicho.html.layout import GAP_X, GAP_Y, columns, lay_out

graphs = st.integers(0, 14).flatmap(
    lambda count: st.tuples(
        st.lists(st.tuples(st.floats(10, 300), st.floats(10, 60)), min_size=count, max_size=count),
        st.lists(st.tuples(st.integers(0, count), st.integers(0, count)), max_size=30).map(
            lambda pairs: sorted({(min(p), max(p)) for p in pairs if p[0] != p[1] and max(p) < count})
        ),
    )
)


@given(graphs)
def test_boxes_stand_apart_and_right_of_what_they_need(
    graph: tuple[list[tuple[float, float]], list[tuple[int, int]]],
) -> None:
    """Whatever the graph: no two boxes touch, and each is a gap further right than all that it needs."""
    boxes, edges = graph

    layout = lay_out(boxes, edges)

    column = columns(len(boxes), edges)
    places = [(x, y, *box) for (x, y), box in zip(layout.corners, boxes, strict=True)]
    for before, after in edges:
        assert places[after][0] >= places[before][0] + boxes[before][0] + GAP_X - 1e-6
    for one, (_, top, _, height) in enumerate(places):
        assert top >= -1e-6
        assert top + height <= layout.height + 1e-6
        for other in range(one):
            if column[one] == column[other]:
                low, high = sorted([places[one], places[other]], key=lambda each: each[1])
                assert high[1] >= low[1] + low[3] + GAP_Y - 1e-6


@given(graphs)
def test_edges_go_from_side_to_side(
    graph: tuple[list[tuple[float, float]], list[tuple[int, int]]],
) -> None:
    """An edge begins in the middle of the right side of one box and ends in that of the left side of the other."""
    boxes, edges = graph
    layout = lay_out(boxes, edges)
    assert set(edges) == set(layout.lines)
    for (before, after), points in layout.lines.items():
        (x, y), (width, height) = layout.corners[before], boxes[before]
        assert (round(x + width, 6), round(y + height / 2, 6)) == (
            round(points[0][0], 6),
            round(points[0][1], 6),
        )
        assert round(layout.corners[after][0], 6) == round(points[-1][0], 6)


def test_edges_do_not_cross_where_they_need_not() -> None:
    """Two chains that were declared crosswise stand one above the other."""
    layout = lay_out([(10, 10)] * 4, [(0, 3), (1, 2)])
    above = layout.corners[0][1] < layout.corners[1][1]
    assert above == (layout.corners[3][1] < layout.corners[2][1])


def test_many_long_edges_are_drawn_straight() -> None:
    """A chain in which each needs all before it has too many edges to bend, and still has its columns."""
    count = 80
    layout = lay_out([(10, 10)] * count, [(a, b) for b in range(count) for a in range(b)])
    assert 2 == len(layout.lines[0, count - 1])
    assert sorted(layout.corners) == list(layout.corners)
