"""text: a string, character for character."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from daicho.errors import FormatError
from daicho.formats import by_name
from tests.formats.conformance import RepeatingConformance

TEXT = by_name("text")


class TestText(RepeatingConformance):
    """text keeps the promises of a format."""

    name = "text"
    file = "report.md"
    wrong = b"bytes"

    def values(self) -> list[Any]:
        return ["", "a\n", "a\r\nb\rc", "\ufeff台帳", "\0"]


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text())
def test_any_string_comes_back(tmp_path: Path, value: str) -> None:
    """No newline is translated, no character lost."""
    TEXT.save(value, tmp_path / "a.txt")
    assert value == TEXT.load(tmp_path / "a.txt")


def test_the_file_holds_the_string_and_nothing_more(tmp_path: Path) -> None:
    """The bytes are the string's UTF-8."""
    TEXT.save("é\r\n", tmp_path / "a.txt")
    assert b"\xc3\xa9\r\n" == (tmp_path / "a.txt").read_bytes()


def test_half_a_surrogate_pair_is_refused(tmp_path: Path) -> None:
    """UTF-8 does not have it; the error says where it stands."""
    with pytest.raises(FormatError, match="character 2 is half of a surrogate pair"):
        TEXT.save("ab\udc00", tmp_path / "a.txt")


def test_the_wrong_kind_is_named(tmp_path: Path) -> None:
    """The sentence says what is saved and what was given."""
    with pytest.raises(FormatError, match="text saves a str, not None"):
        TEXT.save(None, tmp_path / "a.txt")
