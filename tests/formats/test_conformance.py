"""The check of a format finds what is wrong with one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from daicho import Format, check_format
from daicho.errors import FormatError
from daicho.formats import by_name
from daicho.formats._files import write


class Numbers:
    """A right format of somebody's own: numbers, with commas."""

    name = "numbers"
    suffixes: tuple[str, ...] = (".numbers",)
    folder = False
    runs_code = False
    repeats = True

    def save(self, value: Any, path: Path) -> None:
        """Write numbers."""
        if not isinstance(value, list):
            raise FormatError("numbers saves a list")
        write(path, ",".join(map(str, value)).encode())

    def load(self, path: Path) -> Any:
        """Read numbers."""
        try:
            return [int(each) for each in path.read_text().split(",") if each]
        except ValueError as error:
            raise FormatError(f"`{path.name}` holds no numbers") from error


class Torn(Numbers):
    """Writes to where the file shall be."""

    def save(self, value: Any, path: Path) -> None:
        """Write numbers."""
        if not isinstance(value, list):
            raise FormatError("numbers saves a list")
        path.write_bytes(",".join(map(str, value)).encode())


class Hashed(Numbers):
    """Writes in the order of hashes."""

    def save(self, value: Any, path: Path) -> None:
        """Write numbers."""
        super().save(sorted(value, key=by_hash) if isinstance(value, list) else value, path)


class Forgetful(Numbers):
    """Loses the last number."""

    def load(self, path: Path) -> Any:
        """Read numbers."""
        return super().load(path)[:-1]


class Careless(Numbers):
    """Leaves a file beside its own."""

    def save(self, value: Any, path: Path) -> None:
        """Write numbers."""
        super().save(value, path)
        path.with_name("log").touch()


class Greedy(Numbers):
    """Saves whatever comes."""

    def save(self, value: Any, path: Path) -> None:
        """Write numbers."""
        super().save(value if isinstance(value, list) else [], path)


class Hasty(Numbers):
    """Touches the file before it looks at the value."""

    def save(self, value: Any, path: Path) -> None:
        """Write numbers."""
        path.unlink(missing_ok=True)
        super().save(value, path)


class Blunt(Numbers):
    """Lets its reader's error through."""

    def load(self, path: Path) -> Any:
        """Read numbers."""
        return [int(each) for each in path.read_text().split(",") if each]


class Silent(Numbers):
    """Gives nothing where there is nothing."""

    def load(self, path: Path) -> Any:
        """Read numbers."""
        return super().load(path) if path.exists() else []


def by_hash(number: int) -> int:
    """An order that is another in each process."""
    return hash(str(number))


def same_set(saved: Any, loaded: Any) -> bool:
    """Equal in whatever order."""
    return set(saved) == set(loaded)


MANY = [list(range(20)), [], [3]]


@pytest.mark.parametrize(
    ("checked", "values"),
    [(Numbers(), MANY), (by_name("json"), [{"é": [1, 2.5]}, None]), (by_name("pickle"), [{1, 2}, None])],
)
def test_a_right_format_passes(checked: Format, values: list[Any]) -> None:
    """One of a test's own file, one that is shipped, and one whose bytes need not repeat."""
    check_format(checked, values)


@pytest.mark.parametrize(
    ("checked", "broken"),
    [
        (Torn(), "on a full disk it spoils what lay there"),
        (Hashed(), "value 0 has other bytes in another process"),
        (Forgetful(), "value 0, saved in an empty folder, did not come back equal"),
        (Careless(), "value 0: saving left something beside the file"),
        (Greedy(), "a wrong value is saved"),
        (Hasty(), "a refused value left something, or touched what lay there"),
        (Blunt(), "a file of something else raises UnicodeDecodeError, not FormatError"),
        (Silent(), "a missing file is loaded"),
    ],
)
def test_each_broken_promise_is_told(checked: Format, broken: str) -> None:
    """The sentence says which, and by which value."""
    with pytest.raises(AssertionError, match=broken):
        check_format(checked, MANY, same=same_set if isinstance(checked, Hashed) else None)


def test_a_format_that_does_not_say_what_it_has_to_is_told() -> None:
    """As when it is registered."""
    with pytest.raises(AssertionError, match="the format has no `suffixes`: it must be a tuple"):
        check_format(type("Bad", (Numbers,), {"suffixes": None})(), [[1]])


def test_a_format_is_checked_with_something() -> None:
    """No value, no check."""
    with pytest.raises(ValueError, match="at least one value"):
        check_format(Numbers(), [])


def test_what_cannot_be_sent_is_told() -> None:
    """Another process has to make the same value."""
    hidden = type("Hidden", (list,), {})
    with pytest.raises(AssertionError, match="cannot be sent to another process"):
        check_format(Numbers(), [hidden([1])], same=same_set)
