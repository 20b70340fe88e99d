"""Digests of plain values: equal for equal values, different for different ones, the same for ever."""

# ruff: noqa: DTZ001  # values and types as users write them

from __future__ import annotations

import copy
import enum
import os
import random
import struct
import subprocess
import sys
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from daicho.digest import of_bytes, of_file, of_value, teach
from daicho.errors import ParameterError
from tests.strategies import HASHABLE, PLAIN


class Color(enum.Enum):
    RED = 1
    BLUE = 2


class Level(enum.IntEnum):
    LOW = 1


class Kind(enum.StrEnum):
    CSV = "csv"


class Mode(enum.Flag):
    READ = 1
    WRITE = 2


class Shade(enum.Enum):
    RED = 1


class Inner(BaseModel):
    rate: float
    tags: list[str] = []


class Outer(BaseModel):
    inner: Inner
    name: str = "a"


class Other(BaseModel):
    inner: Inner
    name: str = "a"


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")
    a: int = 0


@dataclass(frozen=True)
class Point:
    x: float
    y: tuple[int, ...] = ()


class Pair(NamedTuple):
    x: int
    y: int


BERLIN = timezone(timedelta(hours=1))

GOLDEN: list[tuple[Any, str]] = [
    (None, "be2b3e23195e8b64fdf73ebf104b1ff1e32d27d944ae698bad9f5748da360426"),
    (True, "6182058b685c449fc4fd243ba51f6249842dbea01e03a16b90d4ebf12b07ea89"),
    (0, "4e61afc718db20fdb6c2ed6027dc9f40b799420365a10cdc3adc5034fc7893ee"),
    (-1, "88b59360e27403cf63df0579c9022d62a85bd1bfd9b17fc00a80ab7391692c42"),
    (2**70, "55cb8a39af3f0d9f0c3aebbb6d2de91fc130edc9531dd3018b764f7263121d96"),
    (1.0, "f43fab5a58eadcc213e068a6202fd46ac86855f326cc52893f508fbc6efd3b30"),
    (-0.0, "f6656d3623cd0645f5bc8c512112966b33bafafa1d606b84fb330fe791c56b45"),
    (float("nan"), "3087bcea3b33110bf04213c5dad8b06be6bf9e118a65995e3899cdda0e620428"),
    ("", "df4f1f59384f404c33c45523515f0dbf8bdc09fd9e4afcb4225fc18655cd26c5"),
    ("é", "e5d908942a93c1882218e97851ee12e737856daa8c61f6576ef5d376a3c0eb6a"),
    (b"a", "adb44fa5a586f2e8ff404bae6c10a9143280e403021b7d57bd61a79ff951e054"),
    ([], "9aaf75387ccd05ad4a9e7e04347bc64d14c01ccf78393035ca14ba27c6397f87"),
    ([1, [2, "3"]], "bc42a1bfcf91b6336ef54f30af59ce4e702a1c97d6d92c83a8a9cd6d335f6a6b"),
    ((1, 2), "8601eabc2be4e3081074b6408fc8adc065118a4c2c265add60ad0e2f91e1c698"),
    ({"b": 1, "a": [2]}, "a13928ec7dddf574b49da7a0019fd548bcd6a277bfefc39024ee90dfb997e53f"),
    ({1, 2}, "24efc4f735ece3738fa0a73c898d5a4a3391145143f9f94493ab9721e789cf8c"),
    (Path("input/train.csv"), "c4e7b68dfb570c96fa6c47e3af99c30c42b9989fbd49cb06286548d4f6ac631b"),
    (Color.RED, "e77a4d1157a91103378c198ed4767e7e9998b7d0a0b117c6e0aebaee640945f3"),
    (Level.LOW, "dae2d900d163d37b98cdfd5993f1280e1eac031291f1b382c408c8fddb3cb90f"),
    (date(2024, 2, 29), "c3d4ab97b84cb10f323d31d6fb35b5def8a70bda2cc7ea1a9231adbf07814c1c"),
    (datetime(2024, 2, 29, 12, 30), "06cda231cd0087c46951d0e7931667eb81658b53013e73114ee5df4f6cff94fc"),
    (
        datetime(2024, 2, 29, 12, 30, tzinfo=BERLIN),
        "36e150a4642cd14e1aaffa0cb9fad968ceaeeda924406cb717775b01a1f29983",
    ),
    (time(12, 30), "f04f2326254b38dadaca8f5faf3ad551151fa1856b6d426a2eecac40bc1b82dc"),
    (timedelta(days=1, microseconds=1), "58e723299612e41a36a498f95b93edbfb89dd696026772590eef700ddc5efb3a"),
    (Decimal("1.50"), "1491a47e87722d1c2c73ca0d8638f626eaaaad2d140654080f7c95913da19d71"),
    (UUID(int=7), "0f76dc165b24a6498e59abaa26ff85a4e06972684f62dbcf65f1949e0bb18854"),
    (
        Outer(inner=Inner(rate=0.1, tags=["x"])),
        "2d9c6c332ee306a0f6f36525d149451e1d8d28d9eea337c4393a7993bed511b2",
    ),
    (Point(1.5, (1, 2)), "b7bc3529a5f5f5ff58ebe46d158f7cae369845a0b1e072650c097151b4910326"),
]


def _form(value: Any) -> Any:
    """The value with its types told, as nested tuples whose order does not depend on that of dicts and sets."""
    name = type(value).__name__
    if isinstance(value, float):
        return name, struct.pack(">d", value)
    if isinstance(value, list | tuple):
        return (name, *map(_form, value))
    if isinstance(value, set | frozenset):
        return ("set", *sorted(map(_form, value), key=repr))
    if isinstance(value, dict):
        return (name, *sorted(((_form(key), _form(item)) for key, item in value.items()), key=repr))
    return name, repr(value)


@given(PLAIN, PLAIN)
def test_digests_are_equal_exactly_when_values_are(one: Any, other: Any) -> None:
    """Two values have one digest if they are the same in all parts and types, and else two."""
    assert (_form(one) == _form(other)) is (of_value(one) == of_value(other))


@given(PLAIN)
def test_a_copy_has_the_same_digest(value: Any) -> None:
    """A digest depends on nothing but the value."""
    assert of_value(value) == of_value(copy.deepcopy(value))


@given(PLAIN)
def test_nesting_counts(value: Any) -> None:
    """A value, a list of it, a tuple of it and a dictionary of it are four values."""
    forms = [value, [value], (value,), {"a": value}, [[value]], [value, value]]
    assert len(forms) == len({of_value(each) for each in forms})


@given(st.dictionaries(HASHABLE, PLAIN, max_size=5), st.randoms(use_true_random=False))
def test_the_order_of_a_dictionary_does_not_matter(value: dict[Any, Any], chance: random.Random) -> None:
    """Dictionaries that are equal but for their order have one digest, of whatever class they are."""
    items = list(value.items())
    chance.shuffle(items)
    assert of_value(value) == of_value(dict(items)) == of_value(OrderedDict(items))


@given(st.lists(HASHABLE, max_size=6))
def test_the_order_of_a_set_does_not_matter(items: list[Any]) -> None:
    """A set, a frozen set and the same filled backwards have one digest."""
    assert of_value(set(items)) == of_value(frozenset(reversed(list(dict.fromkeys(items)))))


@pytest.mark.parametrize(
    "values",
    [
        (1, 1.0, True, "1", b"1", Decimal(1), 1 + 0j),
        (0, 0.0, -0.0, False, None, "", b"", [], (), {}, set()),
        (float("nan"), float("inf"), float("-inf"), "nan"),
        ("a", Path("a"), b"a"),
        ("é", "e\u0301"),
        ([1, 2], [2, 1], (1, 2), {1, 2}, {1: 2}, [[1], 2], [1, [2]]),
        ("ab", ["a", "b"], ["ab"], ["a", "b", ""], ["", "ab"]),
        ({"a": 1, "b": 2}, {"a": 2, "b": 1}, {"ab": 12}, {1: "a", 2: "b"}),
        ({True: "x"}, {1: "x"}, {1.0: "x"}),
        (Color.RED, Color.BLUE, Shade.RED, 1, "RED"),
        (Level.LOW, 1, "LOW"),
        (Kind.CSV, "csv"),
        (Mode.READ, Mode.WRITE, Mode.READ | Mode.WRITE, Mode(0)),
        (date(2024, 1, 2), datetime(2024, 1, 2), "2024-01-02"),
        (datetime(2024, 1, 2), datetime(2024, 1, 2, tzinfo=UTC), datetime(2024, 1, 2, tzinfo=BERLIN)),
        (datetime(2024, 1, 2, 12, tzinfo=UTC), datetime(2024, 1, 2, 13, tzinfo=BERLIN)),
        (time(1), time(1, microsecond=1), timedelta(hours=1), timedelta(microseconds=1)),
        (Inner(rate=1), Inner(rate=2), Inner(rate=1, tags=["a"]), {"rate": 1.0, "tags": []}),
        (Outer(inner=Inner(rate=1)), Outer(inner=Inner(rate=2)), Other(inner=Inner(rate=1))),
        (Open(a=1), Open.model_validate({"a": 1, "b": 2}), Open.model_validate({"a": 1, "b": 3})),
        (Point(1.0), Point(1), Point(1.0, (2,)), (1.0, ())),
        (UUID(int=1), str(UUID(int=1)), 1),
    ],
)
def test_these_are_all_different(values: tuple[Any, ...]) -> None:
    """Values that look or compare alike have digests of their own."""
    assert len(values) == len({of_value(value) for value in values})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (float("nan"), -float("nan")),
        (Path("a/b"), PurePosixPath("a//b")),
        (bytearray(b"a"), b"a"),
        (Pair(1, 2), (1, 2)),
        (Inner(rate=1), Inner(rate=1.0)),
        (Outer(inner=Inner(rate=1), name="a"), Outer(inner=Inner(rate=1))),
        (Point(1.0), Point(1.0, ())),
        (timedelta(days=1), timedelta(hours=24)),
    ],
)
def test_these_are_the_same(one: Any, other: Any) -> None:
    """Values that mean the same have one digest."""
    assert of_value(one) == of_value(other)


@pytest.mark.parametrize("value", [object(), len, Color, iter([]), [object()], {"a": {"b": object()}}])
def test_what_has_no_encoding_is_refused(value: Any) -> None:
    """A value that cannot be told from others is refused, wherever it stands, and the message says what can be."""
    with pytest.raises(ParameterError, match=r"cannot be part of a key") as caught:
        of_value(value)
    assert "plain values" in caught.value.hints[0]


def test_a_type_of_another_library_can_be_taught() -> None:
    """A type can be said to be encoded as a plain value, and is still told from that value."""

    class Month:
        def __init__(self, number: int) -> None:
            self.number = number

    teach(Month, lambda month: month.number)
    assert of_value(Month(1)) == of_value(Month(1))
    assert 3 == len({of_value(Month(1)), of_value(Month(2)), of_value(1)})


@pytest.mark.parametrize(("value", "digest"), GOLDEN)
def test_digests_stay_what_they_are(value: Any, digest: str) -> None:
    """Digests are in everybody's ledgers: whoever must change one raises `SCHEME`, and then these."""
    assert digest == of_value(value)


@pytest.mark.parametrize("seed", ["1", "2"])
def test_another_process_gives_the_same_digest(seed: str) -> None:
    """Neither the process nor its hash seed is in a digest."""
    script = "from daicho.digest import of_value; print(of_value({'a': {'x', 'y', 'z'}, 'b': [1, 2.0]}))"
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert of_value({"b": [1, 2.0], "a": {"z", "y", "x"}}) == done.stdout.strip()


@given(st.binary())
def test_bytes_and_files_are_known_by_sha256(data: bytes) -> None:
    """The digest of bytes is what `sha256sum` says of them."""
    import hashlib

    assert hashlib.sha256(data).hexdigest() == of_bytes(data)


def test_a_file_is_its_bytes(tmp_path: Path) -> None:
    """The digest of a file is that of its bytes, whatever its name."""
    (tmp_path / "a").write_bytes(b"daicho" * 100_000)
    assert of_bytes(b"daicho" * 100_000) == of_file(tmp_path / "a")
