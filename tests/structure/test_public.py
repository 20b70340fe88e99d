"""The public names: what users may rely on, and nothing that slipped in."""

from __future__ import annotations

import inspect

import pytest

import daicho
from daicho import testing

PUBLIC = [
    "Comparison",
    "Configuration",
    "DaichoError",
    "EventStream",
    "Format",
    "Graphed",
    "Options",
    "Output",
    "Plan",
    "Record",
    "Run",
    "RunTask",
    "Secret",
    "Source",
    "Task",
    "Why",
    "__version__",
    "adopt",
    "check_format",
    "configuration",
    "diff",
    "export",
    "forget",
    "get",
    "graph",
    "init",
    "load",
    "log",
    "note",
    "output",
    "param",
    "progress",
    "register_format",
    "reproduce",
    "run",
    "show",
    "source",
    "status",
    "tag",
    "verify",
    "why",
]


def test_the_public_names() -> None:
    """Exactly these names are public: whoever adds one or takes one away says so here."""
    assert PUBLIC == sorted(daicho.__all__)
    assert ["Ran", "TemporaryStore", "run_task", "temporary_store"] == sorted(testing.__all__)


def test_names_are_listed_where_they_are_found() -> None:
    """What can be imported is listed, `dir` shows it, and anything else is no attribute."""
    assert set(daicho.__all__) == set(daicho._WHERE) | {"__version__"}
    assert PUBLIC == dir(daicho)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = daicho.nothing


@pytest.mark.parametrize("name", [name for name in PUBLIC if name[0] != "_"])
def test_every_name_says_what_it_is(name: str) -> None:
    """Each public name can be had, and has a docstring of its own."""
    assert inspect.getdoc(getattr(daicho, name))
