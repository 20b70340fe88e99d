"""Errors: each with a code of its own, an exit status, hints that travel, and the builtin that it is."""

from __future__ import annotations

import pickle
from collections.abc import Iterator

import pytest

import daicho.errors
from daicho.errors import DaichoError, Where

BUILTINS: dict[str, tuple[type[BaseException], ...]] = {
    "UsageError": (ValueError,),
    "UnknownTaskError": (LookupError, ValueError),
    "DeclarationError": (TypeError, ValueError),
    "ParameterError": (TypeError, ValueError),
    "SourceError": (FileNotFoundError, ValueError),
    "NotFoundError": (LookupError, ValueError),
    "MissingExtraError": (ImportError, ValueError),
    "TaskError": (RuntimeError,),
    "FormatError": (ValueError, RuntimeError),
    "CorruptError": (OSError,),
    "StoreError": (OSError,),
    "StoreUnreachableError": (ConnectionError, OSError),
    "InternalError": (AssertionError,),
}


def _tree(kind: type[DaichoError], depth: int = 0) -> Iterator[tuple[int, type[DaichoError]]]:
    yield depth, kind
    for below in kind.__subclasses__():
        if below.__module__ == "daicho.errors":
            yield from _tree(below, depth + 1)


ALL = [kind for _, kind in _tree(DaichoError)]


def test_the_tree_that_is_drawn_is_the_tree() -> None:
    """The docstring draws every class where it stands, with the exit status of its branch."""
    drawn: list[tuple[int, str]] = []
    statuses: dict[str, int] = {}
    for line in (daicho.errors.__doc__ or "").splitlines():
        head = line.lstrip(" │├└─")
        if ("Error" not in line and "Died" not in line) or not line.startswith("    "):
            continue
        name, _, rest = head.partition(" ")
        drawn.append(((len(line) - len(head) - 4) // 4, name))
        if "exit " in rest:
            statuses[name] = int(rest.partition("exit ")[2][0])
    assert [(depth, kind.__name__) for depth, kind in _tree(DaichoError)] == drawn
    assert {
        "UsageError": 2,
        "TaskError": 1,
        "CorruptError": 1,
        "StoreError": 3,
        "InternalError": 3,
    } == statuses
    for name, status in statuses.items():
        branch = getattr(daicho.errors, name)
        assert {status} == {kind.exit_status for _, kind in _tree(branch)}


def test_every_code_is_its_own() -> None:
    """No two classes share a code: it names the class in JSON."""
    assert len(ALL) == len({kind.code for kind in ALL})
    assert [] == [kind for kind in ALL if "code" not in vars(kind)]


@pytest.mark.parametrize("kind", ALL)
def test_every_error_is_the_builtin_that_it_says(kind: type[DaichoError]) -> None:
    """Ordinary `except` clauses catch each class, for it is also the builtin that it means."""
    for builtin in BUILTINS.get(kind.__name__, (Exception,)):
        with pytest.raises(builtin):
            raise kind("a message")


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("where", [None, Where("a.toml"), Where("a.toml", 3, "T.x")])
def test_every_error_travels(kind: type[DaichoError], where: Where | None) -> None:
    """An error that was pickled arrives with its message, place and hints."""
    sent = kind("a message", where=where, hints=("first", "second"))
    got = pickle.loads(pickle.dumps(sent))
    assert kind is type(got)
    assert ("a message", where, ("first", "second")) == (got.message, got.where, got.hints)
    assert str(sent) == str(got)


@pytest.mark.parametrize("kind", ALL)
def test_every_error_says_it_all(kind: type[DaichoError]) -> None:
    """What an error prints is its message, its place, and its hints, whichever builtin it also is."""
    error = kind("a message", where=Where("a.toml", 3, "T.x"), hints=("do this",))
    assert "a message\n  at a.toml:3 (T.x)\nhint: do this" == str(error)
    assert "a message" == str(kind("a message"))


def test_nothing_else_is_an_error_of_ours() -> None:
    """Every exception class of the module hangs on the one root."""
    found = {value for value in vars(daicho.errors).values() if isinstance(value, type)}
    assert set(ALL) == {kind for kind in found if issubclass(kind, BaseException)}


@pytest.mark.parametrize(
    ("where", "text"),
    [
        (Where("a.toml"), "a.toml"),
        (Where("a.toml", 3), "a.toml:3"),
        (Where("command line", key="T.x"), "command line (T.x)"),
        (Where("a.toml", 3, "T.x"), "a.toml:3 (T.x)"),
    ],
)
def test_a_place_can_be_clicked(where: Where, text: str) -> None:
    """A place is written as editors and terminals read it: file, colon, line."""
    assert text == str(where)
