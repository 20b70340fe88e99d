"""What a task has yielded, as JSON and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from daicho import Task, output
from daicho.config.settings import Settings
from daicho.errors import NotFoundError, Where
from daicho.fingerprint.recalled import recalled, told
from daicho.runtime import Setting, activate
from daicho.task.runtime import ProjectRuntime


class Below(Task):
    rate: float = 0.5
    out = output("out.json")

    def run(self) -> None: ...


class Yielded(Task):
    number: int
    day: date = date(2020, 1, 1)
    names: list[str] = []
    scale: int = 1
    api_token: str = ""
    below: Below
    more: list[Below] = []
    out = output("out.json")

    def run(self) -> None: ...


def _runtime(root: Path, **values: Any) -> ProjectRuntime:
    """A project with these values in `[Yielded]`."""
    section: Mapping[str, Setting] = {
        name: Setting(value, Where("luigi.toml", 1)) for name, value in values.items()
    }
    return ProjectRuntime(root, Settings({"Yielded": section}))


def _then(root: Path, **given: Any) -> Any:
    with activate(_runtime(root)):
        task = Yielded.configured(**given)
        return task.task_id, json.loads(json.dumps(told([task])))


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"day": date(2024, 2, 29), "names": ["a", "ü"], "scale": 7},
        {"below": Below(rate=0.25), "more": [Below(rate=1.0), Below(rate=2.0)]},
    ],
)
def test_a_task_comes_back_as_it_was(tmp_path: Path, given: dict[str, Any]) -> None:
    """With the values that code has given, and the tasks among them."""
    task_id, entries = _then(tmp_path, number=3, **given)
    with activate(_runtime(tmp_path)):
        assert task_id == recalled(entries, tmp_path)[task_id].task_id


def test_only_what_code_gave_is_kept(tmp_path: Path) -> None:
    """What comes from the configuration is left out: it is taken as it is when the task is built again."""
    _, entries = _then(tmp_path, number=3)
    assert [{"number": 3}] == [entry["values"] for entry in entries]


def test_what_is_configured_otherwise_is_another_task(tmp_path: Path) -> None:
    """A value that code did not give has changed since: the record does not hold any more, and says which."""
    _, entries = _then(tmp_path, number=3)
    with activate(_runtime(tmp_path, scale=2)), pytest.raises(NotFoundError, match="`Yielded.scale` changed"):
        recalled(entries, tmp_path)
    task_id, entries = _then(tmp_path, number=3, scale=7)
    with activate(_runtime(tmp_path, scale=2)):
        assert 7 == recalled(entries, tmp_path)[task_id].scale


def test_secrets_are_not_kept(tmp_path: Path) -> None:
    """A task that was given one is never built again from a record."""
    _, entries = _then(tmp_path, number=3, api_token="hidden-away")
    assert "hidden-away" not in json.dumps(entries)
    with activate(_runtime(tmp_path)), pytest.raises(NotFoundError, match="given values that are not kept"):
        recalled(entries, tmp_path)


def test_a_class_that_is_gone(tmp_path: Path) -> None:
    """It is said; and no module outside of the project is imported because a record names it."""
    _, entries = _then(tmp_path, number=3)
    gone = [{**entries[0], "module": "antigravity"}]
    with activate(_runtime(tmp_path)), pytest.raises(NotFoundError, match="`Yielded` is not here any more"):
        recalled(gone, tmp_path)
