"""A secret reaches the task, and nothing else."""

from __future__ import annotations

import copy
import json
import pickle
from multiprocessing import Pipe
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from daicho import Secret, Task, output
from daicho.errors import DeclarationError, ParameterError
from daicho.fingerprint.parts import parts_of
from daicho.remembered import Digests
from daicho.task.graph import build, secrets_of
from daicho.task.spec import describe, rebuild
from tests.task.conftest import Configure


class Loader(Task):
    token: Secret
    more: list[Secret] = []
    spare: Secret | None = None
    url: str = "u"
    loaded = output("loaded.json")

    def run(self) -> None: ...


class Careless(Task):
    token: Secret = Secret("hunter2")


class Account(BaseModel):
    name: str
    password: Secret


class Wrapped(Task):
    account: Account


@pytest.mark.parametrize(
    "how", [{"overrides": ("Loader.token=hunter2",)}, {"params": {"Loader.token": "hunter2"}}]
)
def test_a_secret_reaches_the_task(configure: Configure, how: dict[str, Any]) -> None:
    """The task reveals what it was given; everything else sees a mask."""
    configure(**how)
    task = Loader.configured()
    assert "hunter2" == task.token.reveal()
    for shown in (
        str(task.token),
        repr(task.token),
        f"{task.token}",
        repr(task),
        str(vars(task)),
        str(task.param_kwargs),
    ):
        assert "hunter2" not in shown
    assert None is task.spare


def test_a_secret_is_not_in_keys_and_records(configure: Configure, tmp_path: Any) -> None:
    """Two tasks that differ only there are one; neither the key's parts nor what is shown hold it."""
    configure()
    one, other = Loader(token=Secret("hunter2")), Loader(token=Secret("hunter3"), more=[Secret("x")])
    assert one.task_id == other.task_id
    graph = build(one)
    parts = parts_of(graph.nodes[one.task_id], root=tmp_path, code=lambda _: {}, digests=Digests(None))
    assert ({"url"}, {"url": "u"}) == (set(parts.parameters), parts.shown)
    assert [Secret("hunter2")] == list(secrets_of(graph))


def test_two_that_differ_only_in_a_secret_cannot_be_in_one_graph(configure: Configure) -> None:
    """They would get each other's result; the error shows neither."""

    class Both(Task):
        one: Loader
        other: Loader

    configure()
    with pytest.raises(ValueError, match="differ only in `token`") as caught:
        build(Both(one=Loader(token=Secret("hunter2")), other=Loader(token=Secret("hunter3"))))
    assert "hunter" not in str(caught.value)


def test_a_secret_travels_to_a_worker_and_into_no_file(configure: Configure) -> None:
    """Through a pipe it goes as it is; pickled for a file it is refused, whatever holds it."""
    configure()
    task = Loader(token=Secret("hunter2"), more=[Secret("hunter3")])
    sender, receiver = Pipe()
    sender.send(describe(task, set()))
    instances: dict[str, Any] = {}
    rebuild(receiver.recv(), instances)
    arrived = instances[task.task_id]
    assert ("hunter2", "hunter3") == (arrived.token.reveal(), arrived.more[0].reveal())
    for value in (task.token, {"a": [task.token]}, describe(task, set())):
        with pytest.raises(TypeError, match="a `Secret` cannot be pickled"):
            pickle.dumps(value)
    with pytest.raises(TypeError):
        json.dumps(task.token)


def test_a_secret_in_a_file_is_refused(configure: Configure) -> None:
    """A file of configuration is no place for it; the error names the line, not the value."""
    configure("[Loader]\ntoken = 'hunter2'\n")
    with pytest.raises(ParameterError, match="is a secret, and stands in a file of configuration") as caught:
        Loader.configured()
    assert "luigi.toml:2 (Loader.token)" == str(caught.value.where)
    assert "DAICHO_Loader__token=…" in caught.value.hints[1]
    assert "hunter2" not in str(caught.value)


def test_a_secret_that_is_missing_says_where_it_goes(configure: Configure) -> None:
    """It is never looked for in a file, so the hint does not name one."""
    configure()
    with pytest.raises(ParameterError, match=r"`Loader.token` has no value") as caught:
        Loader.configured()
    assert "put it into `.env`, which git must not have: DAICHO_Loader__token=…" == caught.value.hints[0]


def test_a_secret_in_code_is_refused(configure: Configure) -> None:
    """A default would be in the code, and in its snapshot."""
    configure()
    with pytest.raises(
        DeclarationError, match=r"`Careless.token` is a secret, and stands in the code"
    ) as caught:
        Careless.configured()
    assert "hunter2" not in str(caught.value)


def test_a_secret_stands_by_itself(configure: Configure) -> None:
    """Inside of a model the rest would count and it would not: that is refused."""
    configure()
    with pytest.raises(DeclarationError, match=r"`Account.password` is a secret inside of it"):
        Wrapped(account=Account(name="me", password=Secret("x")))


@pytest.mark.parametrize("value", ["", 3, b"x", ["x"]])
def test_what_is_no_text_is_refused_and_not_shown(configure: Configure, value: Any) -> None:
    """A secret is a text that is not empty."""
    configure()
    with pytest.raises(ParameterError, match=r"`Loader.token` is \*\*\*, but its type is `Secret`"):
        Loader(token=value)


@given(st.text(min_size=1), st.text(min_size=1))
def test_secrets_are_equal_by_content(one: str, other: str) -> None:
    """Equal texts are equal secrets with equal hashes; copies are the secret itself."""
    assert (one == other) is (Secret(one) == Secret(other))
    assert hash(Secret(one)) == hash(Secret(one))
    secret = Secret(one)
    assert secret is copy.deepcopy(secret) is copy.copy(secret)
    assert one != secret
