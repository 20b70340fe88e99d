"""Lines keep to the width that they are given."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from daicho.cli.line import Line, cut, line, quoted, table, wrap
from daicho.cli.text import cells

LINES = st.lists(st.tuples(st.text(), st.sampled_from(["", "bad", "dim"]))).map(lambda parts: line(*parts))  # type: ignore[arg-type]


@given(LINES, st.integers(2, 60))
def test_a_cut_line_fits(whole: Line, width: int) -> None:
    """A line is never wider than it may be, and one that fits is left alone."""
    assert cut(whole, width).width <= width
    if whole.width <= width:
        assert whole == cut(whole, width)


@given(LINES, st.integers(2, 60))
def test_wrapped_lines_fit_and_lose_nothing(whole: Line, width: int) -> None:
    """Wrapped lines fit, and hold all that is not a space."""
    wrapped = list(wrap(whole, width))
    assert [] == [part for part in wrapped if part.width > width]
    assert "".join(whole.plain.split()) == "".join("".join(part.plain for part in wrapped).split())


def test_lines_break_at_spaces_and_keep_their_indentation() -> None:
    """Words stay whole where they can, and an indentation stays in front."""
    assert ["  one two", "three"] == [part.plain for part in wrap(line("  one two three"), 11)]


def test_a_table_is_as_wide_as_the_terminal() -> None:
    """The last column is wrapped below itself, a name that leaves it no room is cut."""
    rows = [
        [line("n" * 50), line("run"), line("because of this and that and more")],
        [line("m"), line("?"), line("x")],
    ]
    assert [
        "  nnnnnnnnnnnnnnnnn…  run  because of this and that",
        "                           and more",
        "  m                   ?    x",
    ] == [each.plain for each in table(rows, width=51)]


def test_a_table_in_a_pipe_has_one_line_a_row() -> None:
    """Where there is no terminal nothing is wrapped or cut, and no line ends in a space."""
    rows = [[line("n" * 90), line("y " * 90)], [line("m"), line("")]]
    assert [f"  {'n' * 90}  {('y ' * 90).strip()}", "  m"] == [each.plain for each in table(rows, width=None)]


@given(st.lists(st.lists(st.text(max_size=30), min_size=3, max_size=3), max_size=4), st.integers(50, 140))
def test_no_table_is_too_wide(rows: list[list[str]], width: int) -> None:
    """Whatever stands in a table, its lines fit."""
    lines = list(table([[line(cell) for cell in row] for row in rows], width=width))
    assert [] == [each.plain for each in lines if cells(each.plain) > width]


def test_colour_only_adds() -> None:
    """Without its codes a coloured line is the plain one."""
    whole = line(("✗", "bad"), " failed")
    assert "\x1b[31m✗\x1b[0m failed" == whole.colored
    assert "✗ failed" == whole.plain


def test_names_of_code_stand_out() -> None:
    """What is in backticks gets a style; an open backtick is only a character."""
    assert [("a ", ""), ("`b`", "name")] == list(quoted("a `b`").pieces)
    assert [("a `b", "")] == list(quoted("a `b").pieces)
