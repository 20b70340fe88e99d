"""bytes: a file as it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from daicho.errors import FormatError
from daicho.formats import by_name
from tests.formats.conformance import RepeatingConformance

BYTES = by_name("bytes")


class TestBytes(RepeatingConformance):
    """bytes keeps the promises of a format."""

    name = "bytes"
    file = "weights.bin"
    wrong = "text"

    def values(self) -> list[Any]:
        return [b"", b"\r\n\0\xff", bytes(range(256)) * 100]

    def test_a_file_of_something_else_is_refused(self, tmp_path: Path) -> None:
        """There is none: every file is bytes."""
        (tmp_path / self.file).write_bytes(self.garbage)
        assert self.garbage == self.format.load(tmp_path / self.file)


def test_the_file_holds_them_and_nothing_more(tmp_path: Path) -> None:
    """Whatever holds bytes is written as it is, and comes back as bytes."""
    for value in (b"ab", bytearray(b"ab"), memoryview(b"ab")):
        BYTES.save(value, tmp_path / "a.bin")
        assert b"ab" == (tmp_path / "a.bin").read_bytes() == BYTES.load(tmp_path / "a.bin")


def test_the_wrong_kind_is_named(tmp_path: Path) -> None:
    """The sentence says what is saved, what was given, and the way for files of other libraries."""
    with pytest.raises(FormatError, match="bytes saves bytes, not a str") as error:
        BYTES.save("text", tmp_path / "a.bin")
    assert "`path`" in error.value.hints[0]
