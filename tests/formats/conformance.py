"""What every format promises, as tests: the test of a format subclasses `FormatConformance` and gives it values."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from daicho.errors import FormatError
from daicho.formats import Format, by_name, for_file, names


class FormatConformance:
    """Subclass it as `TestX`, set the attributes, and give values that the format can hold."""

    name: str
    file: str
    wrong: Any = object()
    garbage: bytes = b"\xff\x00 of no format"

    def values(self) -> list[Any]:
        """Values that come back equal, made anew at each call."""
        raise NotImplementedError

    def same(self, saved: Any, loaded: Any) -> bool:
        """Whether what was loaded equals what was saved."""
        return type(saved) is type(loaded) and bool(saved == loaded)

    @property
    def format(self) -> Format:
        return by_name(self.name)

    def test_is_registered_under_its_name(self) -> None:
        """The format is listed, and found by the name that it has."""
        assert self.name in names()
        assert self.name == self.format.name

    def test_is_found_by_each_of_its_suffixes(self) -> None:
        """A file's name that ends in a suffix of the format means it, in any case; pickle needs asking."""
        for end in self.format.suffixes:
            assert end == end.lower()
            assert end.startswith(".")
            asked = self.name if self.format.runs_code else None
            assert self.format is for_file(f"Some.Thing{end.upper()}", asked)

    def test_values_come_back_equal(self, tmp_path: Path) -> None:
        """What was saved is loaded again as an equal value."""
        for value in self.values():
            self.format.save(value, tmp_path / self.file)
            assert self.same(value, self.format.load(tmp_path / self.file))

    def test_writes_one_file_and_nothing_beside_it(self, tmp_path: Path) -> None:
        """After saving, the folder holds the file alone."""
        self.format.save(self.values()[0], tmp_path / self.file)
        assert [self.file] == [item.name for item in tmp_path.iterdir()]

    def test_a_value_of_the_wrong_kind_is_refused(self, tmp_path: Path) -> None:
        """The error says what the format saves and what it was given; what lay there stays."""
        (tmp_path / self.file).write_bytes(b"before")
        with pytest.raises(FormatError) as caught:
            self.format.save(self.wrong, tmp_path / self.file)
        assert self.name in caught.value.message
        assert caught.value.hints
        assert [b"before"] == [item.read_bytes() for item in tmp_path.iterdir()]

    def test_a_file_of_something_else_is_refused(self, tmp_path: Path) -> None:
        """The error names the file."""
        (tmp_path / self.file).write_bytes(self.garbage)
        with pytest.raises(FormatError, match=f"`{self.file}` cannot be read as {self.name}: .+"):
            self.format.load(tmp_path / self.file)

    def test_a_missing_file_is_missing(self, tmp_path: Path) -> None:
        """That there is no file is not the format's business to reword."""
        with pytest.raises(FileNotFoundError):
            self.format.load(tmp_path / self.file)


class RepeatingConformance(FormatConformance):
    """What a format promises whose equal values are equal bytes: all but pickle."""

    def test_what_came_back_can_be_saved_again(self, tmp_path: Path) -> None:
        """A loaded value has the bytes of the value that was saved."""
        for value in self.values():
            self.format.save(value, tmp_path / self.file)
            self.format.save(self.format.load(tmp_path / self.file), tmp_path / f"2{self.file}")
            assert (tmp_path / self.file).read_bytes() == (tmp_path / f"2{self.file}").read_bytes()

    def test_same_value_gives_same_bytes(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Equal values, made twice, are the same bytes, a day later too."""
        for first, second in zip(self.values(), self.values(), strict=True):
            self.format.save(first, tmp_path / self.file)
            with monkeypatch.context() as patch:
                tomorrow = time.time() + 86_400
                there = time.gmtime(tomorrow)
                patch.setattr(time, "time", lambda tomorrow=tomorrow: tomorrow)
                patch.setattr(time, "localtime", lambda *_, there=there: there)
                self.format.save(second, tmp_path / f"2{self.file}")
            assert (tmp_path / self.file).read_bytes() == (tmp_path / f"2{self.file}").read_bytes()
