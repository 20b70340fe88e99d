"""Text from elsewhere must not control a terminal."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daicho.cli.text import cells, clean, clean_lines, to_ascii


@given(st.text())
def test_nothing_that_a_terminal_obeys_is_left(text: str) -> None:
    """Whatever comes in, no control, no change of direction and no broken character goes out."""
    left = {unicodedata.category(character) for character in clean(text)}
    assert set() == left & {"Cc", "Cs", "Zl", "Zp"}
    assert not set(clean(text)) & set("\u200e\u200f\u202a\u202e\u2066\u2069")


@given(st.text(st.characters(categories=["L", "N"])))
def test_letters_stay(text: str) -> None:
    """Letters and digits of any script are left as they are."""
    assert text == clean(text)


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ("red", "\x1b[31mred\x1b[0m"),
        ("link", "\x1b]8;;http://example.com\x1b\\link\x1b]8;;\x1b\\"),
        ("title", "\x1b]0;owned\x07title"),
        ("\\x1b", "\x1b"),
        ("a\\nb", "a\nb"),
        ("a   b", "a\tb"),
        ("\\x07bell", "\x07bell"),
        ("[bold]x[/bold]", "[bold]x[/bold]"),
        ("\\ud800", "\ud800"),
    ],
)
def test_escapes_are_dropped_and_the_rest_spelt(expected: str, text: str) -> None:
    """Colours, links and titles vanish; other controls are spelt; markup is only text."""
    assert expected == clean(text)


def test_a_progress_bar_is_its_last_state() -> None:
    """Of a line that a task overwrote, what a person saw last stands."""
    assert ["100%", "done"] == list(clean_lines("  0%\r 50%\r100%\r\ndone"))


@pytest.mark.parametrize(("expected", "text"), [(3, "abc"), (4, "台帳"), (1, "e\u0301"), (0, "")])
def test_columns_are_counted(expected: int, text: str) -> None:
    """Wide characters take two columns, combining ones none."""
    assert expected == cells(text)


def test_signs_have_stand_ins() -> None:
    """Every sign of ours has one that every terminal has, and they differ."""
    assert "+x*=?-..." == to_ascii("✓✗↻·?–…")
