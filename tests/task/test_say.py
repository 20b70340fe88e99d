"""What a class may say of itself: three tuples, checked when the class is written, added to those of its bases."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import luigi
import pytest

from daicho import Task
from daicho.errors import DeclarationError
from daicho.task.say import environment_of, ignores_of, leaves_out, uses_of


def _made(base: type = Task, **said: Any) -> type:
    return type("Made", (base,), {"__module__": __name__, **said})


def test_a_class_says_nothing() -> None:
    """By default nothing is used, ignored, or looked up in the environment; plain classes say nothing either."""
    for kind in (_made(), luigi.Task, int):
        assert ((), (), ()) == (uses_of(kind), ignores_of(kind), environment_of(kind))


def test_bases_are_added() -> None:
    """What a base or a mixin says holds for a class too: it inherits the methods that need it."""
    mixin = type("Mixin", (), {"environment": ("TZ",), "uses": ["a.sql"]})
    base = _made(uses=("b.sql",), ignores=("lib.log",))
    kind = type("Kind", (mixin, base), {"__module__": __name__, "uses": ("c.sql",), "environment": ["LANG"]})
    assert ("c.sql", "a.sql", "b.sql") == uses_of(kind)
    assert (("lib.log",), ("LANG", "TZ")) == (ignores_of(kind), environment_of(kind))


@pytest.mark.parametrize(
    "uses",
    [
        ("sql/query.sql",),
        ("lib.rules",),
        ("lib.rules:Limit.of",),
        (json,),
        (json.dumps, json.JSONEncoder, partial(json.dumps)),
        ["a b.txt"],
    ],
)
def test_what_can_be_used(uses: Any) -> None:
    """Files, modules, definitions by name, and objects."""
    assert tuple(uses) == uses_of(_made(uses=uses))


WRONG = [
    ({"uses": "a.sql"}, "`Made.uses` is 'a.sql', but must be a tuple"),
    ({"uses": json.dumps}, "but must be a tuple"),
    ({"uses": (3,)}, "`Made.uses` holds 3: neither a function, a class, a module nor a text"),
    ({"uses": ("",)}, "`Made.uses` holds '': an empty text"),
    ({"uses": ("lib/rules:limit",)}, "not of the form `package.module:name`"),
    ({"uses": ("lib:",)}, "not of the form `package.module:name`"),
    ({"uses": ("/etc/passwd",)}, "a file outside of the project (declare it as a source instead)"),
    ({"uses": ("a/../../b",)}, "a file outside of the project"),
    ({"ignores": ("lib/log.py",)}, "not of the form `package.module` or `package.module:name`"),
    ({"ignores": (json,)}, "not of the form"),
    ({"ignores": ("lib:Logger.setup",)}, "a part of a definition: only whole ones can be left out"),
    ({"environment": "LANG"}, "`Made.environment` is 'LANG', but must be a tuple"),
    ({"environment": ("MY LANG",)}, "not the name of an environment variable"),
    ({"environment": (1,)}, "not the name of an environment variable"),
]


@pytest.mark.parametrize(("said", "message"), WRONG)
def test_mistakes_are_named(said: dict[str, Any], message: str) -> None:
    """What cannot be meant is refused when the class is written, with an example of what can."""
    with pytest.raises(DeclarationError) as caught:
        _made(**said)
    assert message in caught.value.message
    assert any(name in hint for name in said for hint in caught.value.hints)


def test_a_value_is_not_repeated() -> None:
    """Who writes a variable with its value into the class does not find that value in the message."""
    with pytest.raises(DeclarationError) as caught:
        _made(environment=("TOKEN=sesame",))
    assert "TOKEN=" in str(caught.value)
    assert "sesame" not in str(caught.value)


@pytest.mark.parametrize("name", ["uses", "ignores", "environment"])
def test_the_names_are_taken(name: str) -> None:
    """A parameter of such a name is refused, and told how the setting is written; Luigi's own may be called so."""
    with pytest.raises(DeclarationError) as caught:
        _made(Task, **{name: "x", "__annotations__": {name: "str"}})
    assert f"write `{name} = …` without an annotation" in caught.value.hints[1]
    old = _made(Task, **{name: luigi.Parameter(default="x")})
    assert () == uses_of(old) + ignores_of(old) + environment_of(old)


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        ("code:lib.log:setup", True),
        ("code:lib.log:<imports>", True),
        ("code:lib.log.deep:setup", True),
        ("code:lib.logs:setup", False),
        ("code:lib:setup", False),
        ("code:rules:limit", True),
        ("code:rules:limit+docs", True),
        ("code:rules:limit.of", True),
        ("code:rules:limits", False),
        ("code:rules:<imports>", False),
        ("parameter:data.seed", False),
    ],
)
def test_what_ran_can_be_left_out(seen: str, expected: bool) -> None:
    """What was seen to run is ignored like what can be reached: modules with all below them, and definitions."""
    assert expected == leaves_out(_made(ignores=("lib.log", "rules:limit")), seen)
