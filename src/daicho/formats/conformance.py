"""The promises of a format, checked on values that it can keep: for whoever writes one, in a test of his own.

    def test_wave() -> None:
        check_format(Wave(), [tone(440), silence(0)], wrong="no sound", same=numpy.array_equal)

Values, and the format, are sent to other processes: they have to be picklable, and their classes importable.
"""

from __future__ import annotations

import pickle
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from daicho.digest import of_file, of_names, walk
from daicho.errors import FormatError
from daicho.formats import _trial
from daicho.formats._base import Format
from daicho.formats._own import fault_of

_BEFORE: Final = b"what lay here before"
_GARBAGE: Final = b"\xff\x00\xfe of no format"
_STRANGE: Final[Any] = iter(lambda: None, 0)


def check_format(
    format: Format,  # noqa: A002  # the word that users know it by
    values: Sequence[Any],
    *,
    wrong: Any = _STRANGE,
    same: Callable[[Any, Any], bool] | None = None,
) -> None:
    """Check that a format keeps what `daicho.Format` promises; takes some seconds, since it starts processes.

    It is checked that each value comes back equal, over another file as well as in an empty folder; that nothing
    is left beside the file, also where the value is refused or the disk is full, and what lay there stays; that
    files of something else are refused, and missing ones missing; that what was loaded is saved as the same
    bytes, and so is the same value in processes with other hash seeds (unless its `repeats` is false).

    Args:
        format: The format; it need not be registered.
        values: Values that it keeps, small ones; an empty and an odd one among them.
        wrong: A value that it must refuse; an iterator, which nothing keeps, unless you say another.
        same: Whether what was loaded (second) is what was saved (first); equal and of the same type otherwise.

    Raises:
        AssertionError: With the first promise that is broken, and by which value.
        ValueError: If there is no value to check it with.
    """
    if not values:
        raise ValueError("a format is checked with at least one value")
    fault = fault_of(format)
    _demand(fault is None, f"the format {fault}")
    _demand_sendable(format, values)
    with tempfile.TemporaryDirectory() as made:
        check = _Check(format, same or _equal, Path(made))
        for number, value in enumerate(values):
            check.keeps(value, f"value {number}")
        check.refuses(wrong)
        check.reads_nothing_else()
        check.survives_a_full_disk(values[0])
        if format.repeats:
            check.repeats(values)


@dataclass
class _Check:
    """A format under check, and the folder in which each check makes one of its own."""

    format: Format
    same: Callable[[Any, Any], bool]
    folder: Path

    @property
    def file(self) -> str:
        return f"sample{self.format.suffixes[0]}" if self.format.suffixes else "sample"

    @contextmanager
    def _place(self) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(dir=self.folder) as made:
            yield Path(made) / self.file

    def keeps(self, value: Any, called: str) -> None:
        with self._place() as path:
            for way in ("in an empty folder", "over another file"):
                self.format.save(value, path)
                _demand(
                    [path] == list(path.parent.iterdir()), f"{called}: saving left something beside the file"
                )
                _demand(
                    self.format.folder == path.is_dir(), f"{called}: `folder` does not say what was written"
                )
                first = _digest(path)
                loaded = self.format.load(path)
                _demand(
                    self.same(value, loaded), f"{called}, saved {way}, did not come back equal: {loaded!r}"
                )
                _demand(first == _digest(path), f"{called}: loading changed the file")
            if self.format.repeats:
                self.format.save(loaded, path)
                _demand(first == _digest(path), f"{called}: what was loaded is saved as other bytes")

    def refuses(self, wrong: Any) -> None:
        for before in (None, _BEFORE):
            with self._place() as path:
                _put(path, before)
                try:
                    self.format.save(wrong, path)
                except FormatError:
                    pass
                except Exception as error:
                    raise _broken(
                        f"a wrong value is refused by {type(error).__name__}, not FormatError"
                    ) from error
                else:
                    raise _broken(f"a wrong value is saved: {wrong!r}")
                _demand(_is(path, before), "a refused value left something, or touched what lay there")

    def reads_nothing_else(self) -> None:
        with self._place() as path:
            _put(path, _GARBAGE)
            self._refuses_to_load(path, FormatError)  # also of a folder, where a file lies
        with self._place() as path:
            self._refuses_to_load(path, FileNotFoundError)

    def _refuses_to_load(self, path: Path, kind: type[Exception]) -> None:
        what = "a missing file" if kind is FileNotFoundError else "a file of something else"
        try:
            self.format.load(path)
        except kind:
            return
        except Exception as error:
            raise _broken(f"{what} raises {type(error).__name__}, not {kind.__name__}: {error}") from error
        raise _broken(f"{what} is loaded")

    def survives_a_full_disk(self, value: Any) -> None:
        with self._place() as path:
            self.format.save(value, path)
            most = max((item.stat().st_size for _, item in _files(path)), default=0)
            before = _digest(path)
            place = path.parent / "0"
            place.mkdir()
            path.rename(place / self.file)
            said = _trial.save_on_a_full_disk(self.format, value, path.parent, self.file, most // 2)
            _demand(not said, f"in another process it fails: {said}")
            _demand(said is not None or most == 0, "it says nothing when the disk is full")
            left = [item.name for item in place.iterdir()]
            _demand([self.file] == left, f"on a full disk it leaves {left}")
            _demand(before == _digest(place / self.file), "on a full disk it spoils what lay there")

    def repeats(self, values: Sequence[Any]) -> None:
        with self._place() as path:
            said = _trial.save_elsewhere(self.format, values, path.parent, self.file)
            _demand(not said, f"in another process it fails: {said[0] if said else ''}")
            for number, value in enumerate(values):
                self.format.save(value, path)
                here = _digest(path)
                there = [_digest(path.parent / seed / str(number) / self.file) for seed in ("1", "2")]
                _demand(there[0] == there[1] == here, f"value {number} has other bytes in another process")


def _files(path: Path) -> Iterator[tuple[str, Path]]:
    return walk(path) if path.is_dir() else iter([("", path)])


def _digest(path: Path) -> str:
    return of_names({name: of_file(file) for name, file in _files(path)})


def _put(path: Path, content: bytes | None) -> None:
    if content is not None:
        path.write_bytes(content)


def _is(path: Path, content: bytes | None) -> bool:
    left = list(path.parent.iterdir())
    return left == [] if content is None else left == [path] and path.read_bytes() == content


def _equal(saved: Any, loaded: Any) -> bool:
    return type(saved) is type(loaded) and bool(saved == loaded)


def _demand_sendable(format: Format, values: Sequence[Any]) -> None:  # noqa: A002
    try:
        pickle.dumps((format, list(values)))
    except Exception as error:  # pickling runs methods of the value, which may raise anything
        raise _broken(f"the format or a value cannot be sent to another process: {error}") from error


def _demand(holds: bool, otherwise: str) -> None:
    if not holds:
        raise _broken(otherwise)


def _broken(sentence: str) -> AssertionError:
    return AssertionError(sentence)
