"""The formats that a project registers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import daicho
from daicho.errors import DeclarationError
from daicho.formats import _own, by_name, for_file, names


class Wave:
    """A format of somebody's own."""

    name = "wave"
    suffixes: tuple[str, ...] = (".wav", ".wave.txt")
    folder = False
    runs_code = False
    repeats = True

    def save(self, value: Any, path: Path) -> None:
        """Write it."""
        path.write_text(repr(value))

    def load(self, path: Path) -> Any:
        """Read it."""
        return path.read_text()


@pytest.fixture(autouse=True)
def none_registered() -> Iterator[None]:
    """No test sees what another registered."""
    before = dict(_own._registered)
    yield
    _own._registered.clear()
    _own._registered.update(before)


def test_a_registered_format_is_found_like_any_other() -> None:
    """By its name, by each of its suffixes, and in the lists of hints."""
    wave = Wave()
    daicho.register_format(wave)
    assert "wave" == names()[-1]
    assert wave is by_name("wave")
    assert wave is for_file("Noise.WAV")
    assert wave is for_file("a.wave.txt")
    assert "text" == for_file("a.txt").name
    assert ("noise.wav", "wave") == (daicho.output("noise.wav").name, daicho.output("noise.wav").format)
    with pytest.raises(DeclarationError, match="no format fits the file `a.wave`") as caught:
        for_file("a.wave")
    assert "did you mean `a.wav`?" == caught.value.hints[0]


def test_one_that_runs_code_has_to_be_asked_for() -> None:
    """As pickle has."""
    daicho.register_format(
        type("Marshal", (Wave,), {"name": "marshal", "suffixes": (".m",), "runs_code": True})()
    )
    with pytest.raises(DeclarationError, match="`a.m` looks like a marshal file") as caught:
        daicho.output("a.m")
    assert 'format="marshal"' in caught.value.hints[0]
    assert "marshal" == daicho.output("a.m", format="marshal").format


def test_registering_again_replaces_and_another_of_the_name_is_refused() -> None:
    """A module that is imported anew registers again."""
    daicho.register_format(Wave())
    second = Wave()
    daicho.register_format(second)
    assert second is by_name("wave")
    other = type("Other", (Wave,), {})
    with pytest.raises(DeclarationError, match="the format `wave` is registered already, as `.*Wave`"):
        daicho.register_format(other())


@pytest.mark.parametrize(
    ("says", "fault"),
    [
        ({"name": "csv"}, "the format `csv` has the name of a format that daicho ships"),
        ({"suffixes": (".json",)}, "claims `.json`, which means the format `json`"),
        ({"suffixes": ("wav",)}, "has the suffix 'wav', which is not a dot with lower-case letters"),
        ({"suffixes": (".WAV",)}, "has the suffix '.WAV'"),
        ({"suffixes": ".wav"}, "has a wrong `suffixes`: it must be a tuple"),
        ({"name": "My Wave"}, "has a name that is not of lower-case letters"),
        ({"folder": True}, "writes a folder, which has no suffix"),
        ({"repeats": None}, "has no `repeats`: it must be a bool"),
        ({"save": None}, "has no method `save`"),
    ],
)
def test_a_format_that_does_not_say_what_it_has_to_is_refused(says: dict[str, Any], fault: str) -> None:
    """The error says what, and where to look."""
    with pytest.raises(DeclarationError, match=fault) as caught:
        daicho.register_format(type("Bad", (Wave,), says)())
    assert "daicho.check_format" in caught.value.hints[0]
    assert () == _own.names()


def test_a_class_is_no_format() -> None:
    """An instance of it is."""
    with pytest.raises(DeclarationError, match="is a class: register an instance of it"):
        daicho.register_format(Wave)  # type: ignore[arg-type]
